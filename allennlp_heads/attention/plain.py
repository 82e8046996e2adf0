"""A pruned encoder as a folder that plain transformers opens, without this package."""

from __future__ import annotations

import copy
import os
import re
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
import transformers
from allennlp.common.util import SigTermReceived
from transformers import AutoModel, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

from allennlp_heads.attention.pretrained import PathLike, piece_limit, without_pooler

TOLERANCE = 1e-5
"""The largest difference between the encoder and what is read back from the folder."""
_OS_ERROR = re.compile(r"\(os error (\d+)\)")
"""What libraries in Rust say when the operating system refuses them something."""


def save_plain(
    encoder: PreTrainedModel,
    removed: Mapping[int, Iterable[int]],
    folder: PathLike,
    tokenizer: PreTrainedTokenizerBase,
    card: str,
) -> None:
    """
    Write a pruned encoder into a folder of its own that `transformers.AutoModel.from_pretrained`
    opens with the heads gone (`pruned_heads` in its configuration).

    Not every architecture can be read back by the library once heads are gone. So the folder is
    opened again, and its outputs on random pieces are compared with the encoder's: it appears whole
    and right, or not at all.

    # Parameters

    encoder : `PreTrainedModel`
        The encoder after [`remove_heads`](./removal.md).
    removed : `Mapping[int, Iterable[int]]`
        All heads that are gone, numbered as in the encoder as it was at first.
    folder : `PathLike`
        It must not exist yet; the folder around it must.
    tokenizer : `PreTrainedTokenizerBase`
    card : `str`
        The text of the model card, `README.md`.

    Raises `ValueError` where the library cannot express the encoder, and `OSError` where the folder
    exists or cannot be written.
    """
    target = Path(folder)
    if target.exists():
        raise FileExistsError(f"{target} exists already: give a new folder")
    gone = {int(layer): sorted(set(heads)) for layer, heads in removed.items()}
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".draft-") as draft:
        written = Path(draft) / target.name
        with (
            _expressible(encoder),
            _refused_by_the_system(),
            _in_evaluation(encoder),
            _quiet(),
            torch.random.fork_rng(devices=[]),
        ):
            _write(encoder, {layer: heads for layer, heads in gone.items() if heads}, written)
            difference = _difference(encoder, AutoModel.from_pretrained(written))
            if not difference <= TOLERANCE:
                raise ValueError(f"what it reads back differs by {difference:.2g}")
        with _refused_by_the_system():
            tokenizer.save_pretrained(written)
        (written / "README.md").write_text(card, encoding="utf-8")
        for file in written.iterdir():  # safetensors lets nobody but the writer read its files
            file.chmod((written / "README.md").stat().st_mode)
        os.replace(written, target)


def _write(encoder: PreTrainedModel, gone: dict[int, list[int]], folder: Path) -> None:
    """The library's own class, pruned by the library, with the encoder's weights in it."""
    config = copy.deepcopy(encoder.config)
    config.pruned_heads = gone
    config._name_or_path = ""  # where the unpruned encoder was
    with_pooler = getattr(encoder, "pooler", None) is not None
    model = AutoModel.from_config(config, **({} if with_pooler else without_pooler(config)))
    report = model.load_state_dict(encoder.state_dict(), strict=False)
    # where we leave out what has no heads, the library has parameters without elements
    lacking = [name for name in report.missing_keys if model.state_dict()[name].numel()]
    if lacking or report.unexpected_keys:
        raise ValueError(f"it has other weights: {', '.join(lacking + report.unexpected_keys)}")
    model.save_pretrained(folder)


@torch.no_grad()
def _difference(encoder: PreTrainedModel, reopened: PreTrainedModel) -> float:
    """
    The largest difference of two encoders' outputs for random pieces, four texts of unequal length.
    """
    reopened = reopened.to(encoder.device, encoder.dtype).eval()
    length = min(piece_limit(encoder.config), 32)
    source = torch.Generator().manual_seed(0)
    pieces = torch.randint(encoder.config.vocab_size, (4, length), generator=source)
    mask = torch.arange(length) < torch.tensor([[length], [length - 1], [length // 2], [2]])
    inputs = {
        "input_ids": pieces.to(encoder.device),
        "attention_mask": mask.long().to(encoder.device),
    }
    ours = encoder(**inputs).last_hidden_state
    theirs = reopened(**inputs).last_hidden_state
    return float((ours - theirs)[mask.to(encoder.device)].abs().max())


@contextmanager
def _expressible(encoder: PreTrainedModel) -> Iterator[None]:
    """
    Whatever stops the library tells that it has no such model, but for what stops the disk, and
    SIGTERM, which AllenNLP makes an ordinary exception.
    """
    try:
        yield
    except (OSError, SigTermReceived):
        raise
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ValueError(
            f"transformers {transformers.__version__} cannot open this pruned encoder of type "
            f"'{encoder.config.model_type}' by itself, so there is no plain folder of it: {reason}"
        ) from error


@contextmanager
def _refused_by_the_system() -> Iterator[None]:
    """A full disk is a full disk, whatever the libraries in Rust raise for it."""
    try:
        yield
    except Exception as error:
        refused = _OS_ERROR.search(str(error))
        if refused is None:
            raise
        raise OSError(int(refused[1]), os.strerror(int(refused[1]))) from error


@contextmanager
def _in_evaluation(encoder: PreTrainedModel) -> Iterator[None]:
    """GPT models of one process share a module, so that opening another one changes its mode."""
    modes = {module: module.training for module in encoder.modules()}
    encoder.eval()
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


@contextmanager
def _quiet() -> Iterator[None]:
    """
    Neither a pooler that nobody has trained nor tensors without elements are news to the reader.
    """
    level = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        transformers_logging.set_verbosity(level)
