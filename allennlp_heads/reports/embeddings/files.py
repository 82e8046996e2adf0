"""Embeddings of tasks as files: `<task>.npz` and its manifest `<task>.json`."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.draft import drafted
from allennlp_heads.reports.embeddings.embedding import Embedding
from allennlp_heads.reports.files import (
    DamagedReport,
    PathLike,
    file_stems,
    read_arrays,
    read_report,
    write_arrays,
    write_report,
)

logger = logging.getLogger(__name__)

SCHEMA, VERSION = "task_embedding", 1

_OF_THE_FILE = ("schema", "packages", "components", "arrays_sha256")
_AGAIN = "compute the embedding again with 'allennlp heads embed'"


def write_embedding(folder: PathLike, embedding: Embedding) -> Path:
    """
    Write `<task>.npz` (`float32`, compressed) and `<task>.json`, both or none. Equal embeddings
    give equal bytes. An embedding of the same task that is there is replaced.

    # Parameters

    folder : `PathLike`
        Made if it is missing.
    embedding : `Embedding`

    # Returns

    `Path`
        Of the manifest.

    Raises `ConfigurationError` where the folder cannot be written, or a file of this name is of
    another task, or none of ours.
    """
    path = embedding_path(folder, embedding.task)
    if path.exists():
        there = read_report(path, SCHEMA, VERSION).get("task")
        if there != embedding.task:
            raise ConfigurationError(
                f"{path} is of the task '{there}', and the file of '{embedding.task}' would have "
                "the same name: rename one of the two tasks, or write into another folder"
            )
    about = {key: value for key, value in embedding.manifest.items() if key not in _OF_THE_FILE}
    seed = about.pop("seed", None)
    with drafted(path.parent, path.stem, VERSION) as draft:
        arrays = draft / f"{path.stem}.npz"
        write_arrays(arrays, embedding.components)
        content: dict[str, Any] = {
            **about,
            "task": embedding.task,
            "components": {name: list(one.shape) for name, one in embedding.components.items()},
            # arrays of another manifest are found out by it
            "arrays_sha256": _digest(arrays),
        }
        write_report(draft / path.name, SCHEMA, VERSION, content, seed)
    return path


def embedding_path(folder: PathLike, task: str) -> Path:
    """Where `write_embedding` puts the manifest of a task."""
    return Path(folder) / f"{file_stems([task])[0]}.json"


def read_embedding(path: PathLike) -> Embedding:
    """
    Read an embedding back. A component that is zero throughout is logged: it resembles nothing.

    # Parameters

    path : `PathLike`
        Its `.json` or its `.npz`.

    # Returns

    `Embedding`

    Raises `ConfigurationError` that names the file when one of the two is missing, damaged, or of
    another embedding than the other, and for numbers that are not finite.
    """
    path = Path(path)
    if path.suffix not in (".json", ".npz"):
        raise ConfigurationError(f"{path} is no embedding of a task: give its .json or its .npz")
    path = path.with_suffix(".json")
    manifest = read_report(path, SCHEMA, VERSION)
    task, arrays = manifest.get("task"), path.with_suffix(".npz")
    if not isinstance(task, str):
        raise ConfigurationError(f"{path} names no 'task': {_AGAIN}")
    components = read_arrays(arrays)
    if manifest.get("arrays_sha256") != _digest(arrays):
        raise DamagedReport(
            f"{arrays} is not the file that {path.name} describes, as after a writing that was cut "
            f"short: {_AGAIN}"
        )
    embedding = Embedding(task, components, manifest, path)
    if embedding.zeros:
        logger.warning(
            "%s: zero throughout, so that no similarity can be computed: %s",
            *(path, ", ".join(embedding.zeros)),
        )
    return embedding


def read_embeddings(folder: PathLike) -> list[Embedding]:
    """
    Read all embeddings of a folder, sorted by task. Raises `ConfigurationError` where there are
    none, two are of one task, or one cannot be read.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ConfigurationError(f"there is no folder of embeddings {folder}")
    found = [read_embedding(path) for path in sorted(folder.glob("*.json"))]
    if not found:
        below = sorted({file.parent for file in folder.glob("*/*.npz")})
        advice = " or ".join(map(str, below)) if below else "another"
        raise ConfigurationError(
            f"{folder} holds no embedding of a task (.json with .npz): give {advice}, or write "
            f"some with 'allennlp heads embed ARCHIVE -o {folder}'"
        )
    require_unique(found)
    return sorted(found, key=lambda embedding: embedding.task)


def require_unique(embeddings: Iterable[Embedding]) -> None:
    """Raise `ConfigurationError` where two embeddings are of one task."""
    seen: dict[str, Embedding] = {}
    for embedding in embeddings:
        other = seen.setdefault(embedding.task, embedding)
        if other is not embedding:
            raise ConfigurationError(
                f"{other.name} and {embedding.name} are both of the task '{embedding.task}': leave "
                "one of them out"
            )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
