"""What a run's folder says about the run."""

import hashlib
import json
from collections.abc import Iterable, Mapping
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
    The data files of the run's configuration, as written there, with their SHA-256; `None` for what
    is not a single file.
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
    that of the whole file; `None` for what is not a single file.
    """
    return {path: _digest(Path(split_part(resolve(path))[0])) for path in paths}


def _digest(path: Path) -> str | None:
    if not path.is_file():
        return None
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
