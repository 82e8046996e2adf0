"""
Finding, opening and carrying along a pretrained encoder: its configuration, weights and tokenizer.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import logging
import os
import re
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from allennlp.common.util import SigTermReceived
from transformers import (
    AutoConfig,
    AutoModel,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)
from transformers.utils import logging as transformers_logging

from allennlp_heads.disk.abandoned import runs

logger = logging.getLogger(__name__)

PathLike = str | os.PathLike[str]

PACKAGE_PREFIX = "package:"
ARCHIVE_FOLDER = "encoder"
"""
Folder of a serialization directory that holds encoders' files; name it in `include_in_archive`.
"""
_DRAFT = ".draft-"


def locate(name: str) -> str:
    """
    Turn an encoder's name into what `from_pretrained` takes.

    # Parameters

    name : `str`
        A hub name, a folder, or `package:<package>/<folder>`: a folder inside an installed Python
        package, which spares a configuration the path of the environment.

    # Returns

    `str`
        The hub name or the folder.

    Raises `ValueError` when the package is not installed or has no such folder.
    """
    if not name.startswith(PACKAGE_PREFIX):
        return os.path.expanduser(name)
    package, _, inside = name[len(PACKAGE_PREFIX) :].partition("/")
    try:
        spec = importlib.util.find_spec(package) if package else None
    except ImportError:  # of a package inside one that is not there
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(
            f"encoder '{name}': the package '{package}' is not installed (pip install it first)"
        )
    folder = Path(spec.submodule_search_locations[0]) / inside
    if not folder.is_dir():
        raise ValueError(f"encoder '{name}': the package '{package}' has no folder '{inside}'")
    return str(folder)


def carried_folder(name: str, serialization_dir: PathLike | None) -> Path | None:
    """
    Where the files of encoder `name` stand in a serialization directory (or unpacked archive), if
    they do.
    """
    if serialization_dir is None:
        return None
    folder = Path(serialization_dir) / ARCHIVE_FOLDER / _slug(name)
    return folder if (folder / "config.json").is_file() else None


def is_unpacked_archive(serialization_dir: PathLike | None) -> bool:
    """
    Whether this is the folder of an unpacked `model.tar.gz`, whose weights replace the pretrained
    ones.
    """
    return serialization_dir is not None and (Path(serialization_dir) / "weights.th").is_file()


def load_tokenizer(
    name: str, serialization_dir: PathLike | None = None, add_prefix_space: bool = False
) -> PreTrainedTokenizerFast:
    """
    Open the fast tokenizer of an encoder, from the archive's own files where it has them.

    # Parameters

    name : `str`
        As in [`locate`](#locate).
    serialization_dir : optional (default = `None`)
        An AllenNLP serialization directory or unpacked archive.
    add_prefix_space : `bool`, optional (default = `False`)
        Byte-level BPE only: treat every word as one that follows a space.

    Raises `ValueError` when there is no such encoder or only a slow tokenizer.
    """
    carried = carried_folder(name, serialization_dir)
    source = str(carried or locate(name))
    try:
        tokenizer = _open_tokenizer(source, add_prefix_space)
    except SigTermReceived:  # says nothing about the files
        raise
    except Exception as error:
        raise _unknown(name, source, error, serialization_dir) from error
    if not tokenizer.is_fast:
        raise ValueError(f"encoder '{name}' has no fast tokenizer, and word positions need one")
    return tokenizer


@lru_cache(maxsize=16)
def _open_tokenizer(source: str, add_prefix_space: bool) -> PreTrainedTokenizerFast:
    options = {"add_prefix_space": True} if add_prefix_space else {}
    # where nothing is said, the library asks at the terminal whether to run the encoder's own code
    return AutoTokenizer.from_pretrained(source, use_fast=True, trust_remote_code=False, **options)


def load_encoder(
    name: str, serialization_dir: PathLike | None = None, **options: Any
) -> PreTrainedModel:
    """
    Open a bare encoder, without a pooling layer where its class allows that.

    In an unpacked archive that carries the encoder's configuration no weights are read: the
    archive's own follow. Everywhere else the pretrained weights are loaded.

    # Parameters

    name : `str`
        As in [`locate`](#locate).
    serialization_dir : optional (default = `None`)
        An AllenNLP serialization directory or unpacked archive.
    options : `Any`
        Passed on to the configuration, for instance `attn_implementation` or a dropout rate.

    Raises `ValueError` when there is no such encoder.
    """
    carried = carried_folder(name, serialization_dir)
    options.setdefault("trust_remote_code", False)
    if carried is not None and is_unpacked_archive(serialization_dir):
        config = AutoConfig.from_pretrained(str(carried), **options)
        # transformers 4.49 writes down that it has chosen the attention's implementation, but not
        # which, and would take the slow one here
        config._attn_implementation_autoset = False
        return AutoModel.from_config(config, **without_pooler(config))
    source = locate(name)
    try:
        config = AutoConfig.from_pretrained(source, **options)
        return _read_weights(name, source, config)
    except SigTermReceived:  # says nothing about the files
        raise
    except Exception as error:  # a damaged file raises whatever the library that reads it likes
        raise _unknown(name, source, error, serialization_dir) from error


def carry_files(name: str, encoder: PreTrainedModel, serialization_dir: PathLike) -> Path:
    """
    Write an encoder's configuration and tokenizer files (no weights) under `serialization_dir`.

    The folder appears whole or not at all; where it exists already nothing is written. Drafts of
    processes that were killed are deleted: the archive would take them along.
    """
    target = Path(serialization_dir) / ARCHIVE_FOLDER / _slug(name)
    if (target / "config.json").is_file():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(target.parent)
    draft = tempfile.mkdtemp(dir=target.parent, prefix=_DRAFT, suffix=f".{os.getpid()}")
    try:
        load_tokenizer(name).save_pretrained(draft)
        encoder.config.save_pretrained(draft)
        os.replace(draft, target)
    except SigTermReceived:  # says nothing about the files
        raise
    except Exception as error:  # the tokenizers library has no OSError
        if (target / "config.json").is_file():  # another worker of the training was faster
            return target
        raise OSError(f"cannot write the encoder's files to {target}: {error}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def _remove_abandoned(folder: Path) -> None:
    for draft in folder.glob(f"{_DRAFT}*"):
        process = draft.name.split(".")[-1]
        if process.isdecimal() and not runs(int(process)):
            shutil.rmtree(draft, ignore_errors=True)


def piece_limit(config: PretrainedConfig) -> int:
    """The largest number of pieces an encoder takes at once, special tokens included."""
    limit = int(config.max_position_embeddings)
    # the positions of some are counted from the padding index on, which MPNet fixes at 1
    if config.model_type in {"roberta", "xlm-roberta", "camembert"}:
        limit -= int(config.pad_token_id) + 1
    elif config.model_type == "mpnet":
        limit -= 2
    return limit


def _read_weights(name: str, source: str, config: PretrainedConfig) -> PreTrainedModel:
    """
    The library warns alike of weights we leave out on purpose (pooler, language model) and of
    weights that are missing; only the second matters.
    """
    level = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    try:
        encoder, report = AutoModel.from_pretrained(
            source, config=config, output_loading_info=True, **without_pooler(config)
        )
    finally:
        transformers_logging.set_verbosity(level)
    if report["missing_keys"]:
        logger.warning(
            "the files of the encoder '%s' lack weights, which start at random: %s",
            name,
            ", ".join(sorted(report["missing_keys"])),
        )
    return encoder


def _slug(name: str) -> str:
    words = re.sub(r"[^A-Za-z0-9]+", "-", Path(name).name).strip("-") or "encoder"
    return f"{words}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def without_pooler(config: PretrainedConfig) -> dict[str, bool]:
    """
    Our models never use the pooler; unused parameters would hinder distributed training and
    pruning.
    """
    model_class = AutoModel._model_mapping[type(config)]
    takes_it = "add_pooling_layer" in inspect.signature(model_class.__init__).parameters
    return {"add_pooling_layer": False} if takes_it else {}


def _unknown(
    name: str, source: str, error: Exception, serialization_dir: PathLike | None
) -> ValueError:
    first_line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    where = name if name == source else f"{name} ({source})"
    message = (
        f"cannot open the encoder '{where}': give a hub name, a folder with config.json, or "
        f"'{PACKAGE_PREFIX}<package>/<folder>'. {first_line}"
    )
    if is_unpacked_archive(serialization_dir) and carried_folder(name, serialization_dir) is None:
        message += (
            ". The archive does not carry this encoder's files: train with "
            f'include_in_archive: ["{ARCHIVE_FOLDER}"], or put the encoder back where it was'
        )
    return ValueError(message)
