"""Opening a trained model's archive without trusting it."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import SigTermReceived
from allennlp.models import Model

from allennlp_heads.data.json_text import load_json
from allennlp_heads.data.lines import one_line, whole_text
from allennlp_heads.models.archived_config import check_archived_config
from allennlp_heads.models.unpacking import ALWAYS, MOST_TIMES, unpack

logger = logging.getLogger(__name__)

PathLike = str | os.PathLike[str]

_UNBUILDABLE = (
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    OSError,
    RecursionError,
    RuntimeError,
)
"""What a class may say to arguments that make no sense."""

ARCHIVE, CONFIG, WEIGHTS, VOCABULARY = "model.tar.gz", "config.json", "weights.th", "vocabulary"


@dataclass(frozen=True)
class Source:
    """
    A trained model on disk.

    # Parameters

    name : `str`
        What the user knows it by, for messages.
    folder : `Path`
        An unpacked archive or a serialization directory.
    weights : `Path`
        The file of its weights.
    """

    name: str
    folder: Path
    weights: Path

    @property
    def digest(self) -> str:
        """The SHA-256 of the weights, the same before and after they are archived."""
        digest = hashlib.sha256()
        with self.weights.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
        return digest.hexdigest()

    @property
    def size(self) -> int:
        """Bytes of the weights."""
        return self.weights.stat().st_size

    def config(self) -> dict[str, Any]:
        """
        The configuration. Raises `ConfigurationError` when it cannot be read, describes no model,
        or is not safe, see `check_archived_config`.
        """
        try:
            config = load_json(whole_text(self.folder / CONFIG))
        except (ValueError, ConfigurationError) as error:
            raise ConfigurationError(
                one_line(f"{self.name}: cannot read its {CONFIG}: {error}")
            ) from error
        if not isinstance(config, dict) or not isinstance(config.get("model"), dict):
            raise ConfigurationError(f"{self.name}: its {CONFIG} describes no model")
        check_archived_config(self.name, config)
        return config

    def load(self, cuda_device: int = -1) -> Model:
        """
        The model. Raises `ConfigurationError` for a damaged file of weights, for one with pickled
        code, for weights of another model, and for a configuration of which none can be made.
        """
        config = self.config()
        check_device(cuda_device)
        self._check_weights()
        try:
            # not `load_archive`, which unpacks without looking, and makes the readers too
            return Model.load(
                Params(deepcopy(config)), str(self.folder), str(self.weights), cuda_device
            ).eval()
        except (SigTermReceived, torch.cuda.OutOfMemoryError):  # say nothing about the archive
            raise
        except _UNBUILDABLE as error:
            reason = f"no model can be made of its {CONFIG} and {VOCABULARY}"
            if "loading state" in str(error):
                reason = (
                    f"its weights do not fit the model of its {CONFIG}, as happens when "
                    "'transformer_model' now names another encoder"
                )
            raise ConfigurationError(
                one_line(f"{self.name}: {reason}: {type(error).__name__}: {_first_lines(error)}")
            ) from error

    def _check_weights(self) -> None:
        """AllenNLP leaves it to the version of torch whether pickled code is run."""
        try:
            _check_size(self.weights)
            state = torch.load(self.weights, map_location="cpu", weights_only=True)
            if not isinstance(state, dict) or not all(
                isinstance(name, str) and isinstance(value, torch.Tensor)
                for name, value in state.items()
            ):
                raise ValueError("not names with tensors")
        except (SigTermReceived, MemoryError):  # say nothing about the file
            raise
        except Exception as error:  # whatever the reader makes of a damaged file
            raise ConfigurationError(
                one_line(
                    f"{self.name}: its weights are damaged, or no plain weights: "
                    f"{_first_lines(error)}"
                )
            ) from error


@contextmanager
def opened(archive: PathLike, weights_file: str | None = None) -> Iterator[Source]:
    """
    Unpack an archive into a temporary folder, which is gone afterwards.

    AllenNLP's `load_archive` writes every path of an archive to where it leads, out of the folder
    too. Here such an archive is refused, and so is one that unpacks to far more than its size, see
    `allennlp_heads.models.unpacking`.

    # Parameters

    archive : `PathLike`
        A `model.tar.gz`, or a serialization directory that has one.
    weights_file : `str`, optional (default = `None`)
        Weights to take instead of the archive's.

    Raises `ConfigurationError` when there is no such archive, it is damaged, or is not safe.
    """
    file = archive_file(archive)
    with tempfile.TemporaryDirectory(prefix="allennlp-heads-") as folder:
        unpack(file, folder)
        if weights_file is not None:
            if not Path(weights_file).is_file():
                raise ConfigurationError(f"there is no file of weights {weights_file}")
            shutil.copyfile(weights_file, Path(folder) / WEIGHTS)
        for name, is_there in (
            (CONFIG, Path.is_file),
            (WEIGHTS, Path.is_file),
            (VOCABULARY, Path.is_dir),  # AllenNLP would unpack a file
        ):
            if not is_there(Path(folder) / name):
                raise ConfigurationError(
                    f"{file} is no archive of a trained model: it lacks {name}"
                )
        yield Source(str(file), Path(folder), Path(folder) / WEIGHTS)


def check_device(cuda_device: int) -> None:
    """Raise `ConfigurationError` for a GPU that there is not; negative numbers mean the CPU."""
    if cuda_device >= torch.cuda.device_count():
        raise ConfigurationError(
            f"there is no GPU {cuda_device}: this machine has {torch.cuda.device_count()}, "
            "counted from 0; give -1 for the CPU"
        )


def archive_file(archive: PathLike) -> Path:
    """The `model.tar.gz` that is meant. Raises `ConfigurationError` where there is none."""
    path = Path(archive)
    file = path / ARCHIVE if path.is_dir() else path
    if file.is_file():
        return file
    if path.is_dir():
        raise ConfigurationError(
            f"{path} holds no {ARCHIVE}: give an archive, or the folder of a training that has "
            "ended"
        )
    raise ConfigurationError(f"there is no archive {path}")


def _check_size(weights: Path) -> None:
    """Torch packs weights without making them smaller; what grows in reading is a bomb."""
    if zipfile.is_zipfile(weights):
        with zipfile.ZipFile(weights) as file:
            size = sum(member.file_size for member in file.infolist())
        if size > max(ALWAYS, MOST_TIMES * weights.stat().st_size):
            raise ValueError(f"unpacked they would have {size} bytes")


def _first_lines(error: Exception, most: int = 3) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(line if len(line) < 200 else f"{line[:200]} ..." for line in lines[:most])
