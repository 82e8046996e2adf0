"""What a run's folder says about the run."""

import glob
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from allennlp_heads.data.parts import split_part
from allennlp_heads.data.paths import resolve

_DATA_KEYS = ("train_data_path", "validation_data_path")


def run_seed(serialization_dir: str) -> int | None:
    """The `pytorch_seed` of the run's configuration, or `None` where it has none."""
    seed = _configuration(serialization_dir).get("pytorch_seed")
    return seed if isinstance(seed, int) else None


def run_data(serialization_dir: str) -> dict[str, str | None]:
    """
    The data of the run's configuration, as written there, with their SHA-256: see `file_digests`.
    """
    return file_digests(data_files_of(_configuration(serialization_dir)))


def data_files_of(configuration: Mapping[str, Any]) -> list[str]:
    """The data files that a configuration names for training and validation, as written there."""
    paths: list[Any] = []
    for value in map(configuration.get, _DATA_KEYS):
        paths += value.values() if isinstance(value, dict) else [value]
    return [path for path in paths if isinstance(path, str)]


def file_digests(paths: Iterable[str]) -> dict[str, str | None]:
    """
    The SHA-256 of each data path, as it is written, `#train` or `#dev` included, of which it is
    that of the whole file.

    Of a folder, or of a pattern, it is that of the lines which `sha256sum` prints for all files in
    it, hidden ones left out, sorted by their names within it. `None` where nothing is there.
    """
    return {path: _digest(split_part(resolve(path))[0]) for path in paths}


def _digest(path: str) -> str | None:
    if Path(path).is_file():
        return _digest_of_file(Path(path))
    files = [file for file in _files(path) if file.is_file()]
    if not files:
        return None
    base = os.path.commonpath([file.parent for file in files])
    named = sorted((file.relative_to(base).as_posix(), file) for file in files)
    lines = "".join(f"{_digest_of_file(file)}  {name}\n" for name, file in named)
    return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()


def _files(path: str) -> Iterator[Path]:
    """Of a folder or a pattern."""
    if not os.path.isdir(path):
        yield from map(Path, glob.iglob(path, recursive=True))
        return
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(folder, name) for name in names if not name.startswith("."))


def _digest_of_file(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _configuration(serialization_dir: str) -> dict[str, Any]:
    try:
        configuration = json.loads((Path(serialization_dir) / "config.json").read_text())
    except (OSError, ValueError):
        return {}
    return configuration if isinstance(configuration, dict) else {}
