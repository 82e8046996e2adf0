"""Opening a trained model's archive without trusting it."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import SigTermReceived
from allennlp.models import Model

logger = logging.getLogger(__name__)

PathLike = str | os.PathLike[str]

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
        """The configuration. Raises `ConfigurationError` when it cannot be read."""
        try:
            config = json.loads((self.folder / CONFIG).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"{self.name}: cannot read its {CONFIG}: {error}") from error
        if not isinstance(config, dict) or not isinstance(config.get("model"), dict):
            raise ConfigurationError(f"{self.name}: its {CONFIG} describes no model")
        return config

    def load(self, cuda_device: int = -1) -> Model:
        """
        The model. Raises `ConfigurationError` for a damaged file of weights, for one with pickled
        code, and for weights of another model.
        """
        config = self.config()
        check_device(cuda_device)
        self._check_weights()
        try:
            # not `load_archive`, which unpacks without looking, and makes the readers too
            return Model.load(
                Params(deepcopy(config)), str(self.folder), str(self.weights), cuda_device
            ).eval()
        except RuntimeError as error:
            if "loading state" not in str(error):
                raise
            raise ConfigurationError(
                f"{self.name}: its weights do not fit the model of its {CONFIG}, as happens when "
                f"'transformer_model' now names another encoder: {_first_lines(error)}"
            ) from error

    def _check_weights(self) -> None:
        """AllenNLP leaves it to the version of torch whether pickled code is run."""
        try:
            torch.load(self.weights, map_location="cpu", weights_only=True)
        except (SigTermReceived, MemoryError):  # say nothing about the file
            raise
        except Exception as error:  # whatever the reader makes of a damaged file
            raise ConfigurationError(
                f"{self.name}: its weights are damaged, or no plain weights: {_first_lines(error)}"
            ) from error


@contextmanager
def opened(archive: PathLike, weights_file: str | None = None) -> Iterator[Source]:
    """
    Unpack an archive into a temporary folder, which is gone afterwards.

    AllenNLP's `load_archive` writes every path of an archive to where it leads, out of the folder
    too. Here such an archive is refused.

    # Parameters

    archive : `PathLike`
        A `model.tar.gz`, or a serialization directory that has one.
    weights_file : `str`, optional (default = `None`)
        Weights to take instead of the archive's.

    Raises `ConfigurationError` when there is no such archive, it is damaged, or a path leads out of
    it.
    """
    file = archive_file(archive)
    with tempfile.TemporaryDirectory(prefix="allennlp-heads-") as folder:
        _unpack(file, Path(folder))
        if weights_file is not None:
            if not Path(weights_file).is_file():
                raise ConfigurationError(f"there is no file of weights {weights_file}")
            shutil.copyfile(weights_file, Path(folder) / WEIGHTS)
        for name in (CONFIG, WEIGHTS, VOCABULARY):
            if not (Path(folder) / name).exists():
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


def _unpack(archive: Path, folder: Path) -> None:
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                _unpack_member(tar, member, folder, archive)
    except (tarfile.TarError, OSError, zlib.error, EOFError, KeyError) as error:
        raise ConfigurationError(
            f"the archive {archive} cannot be unpacked (damaged, no {ARCHIVE}, or no space for "
            f"temporary files): {error}"
        ) from error


def _unpack_member(
    tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, archive: Path
) -> None:
    inside = PurePosixPath(member.name)
    if inside.is_absolute() or ".." in inside.parts:
        raise ConfigurationError(
            f"the archive {archive} is refused: its path '{member.name}' leads out of it"
        )
    target = folder / inside
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    # a link stands for the content of another member, never for a file of this machine
    content = tar.extractfile(member) if member.isfile() or member.islnk() else None
    if content is None:
        raise ConfigurationError(
            f"the archive {archive} is refused: '{member.name}' is neither a file nor a folder"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with content, open(target, "wb") as file:
        shutil.copyfileobj(content, file)


def _first_lines(error: Exception, most: int = 3) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(line if len(line) < 200 else f"{line[:200]} ..." for line in lines[:most])
