"""Whether the runs of two grids are the same, to the last bit."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy

WEIGHTS, METRICS, TRAINING, GATES, SCORES = (
    "weights",
    "metrics",
    "training metrics",
    "gates",
    "scores of examples",
)
KINDS = {
    WEIGHTS: "of the archive",
    METRICS: "of every epoch and of the end, but those of the training data",
    GATES: "of every epoch and of the archive",
    SCORES: "the counts of every example in every epoch",
    TRAINING: "loss and metrics on the training data, of every epoch",
}
"""What is compared."""

_NOT_REPEATABLE = ("_duration", "_memory_MB")


def differences(one: Path, other: Path) -> dict[str, list[str]]:
    """
    # Parameters

    one : `Path`
        The folder of a run.
    other : `Path`

    # Returns

    `Dict[str, List[str]]`
        Kind -> what differs, as `metrics_epoch_1.json validation_loss`; an empty list where all is
        equal. Times and memory are left out.
    """
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    if weights_digest(one) != weights_digest(other):
        found[WEIGHTS].append("model.tar.gz")
    for name, first, second in _both(one, other, "metrics*.json"):
        for key in sorted({*first, *second}):
            if not key.endswith(_NOT_REPEATABLE) and first.get(key) != second.get(key):
                kind = TRAINING if key.startswith("training_") else METRICS
                found[kind].append(f"{name} {key}")
    for pattern, kind in (("heads/gates.*", GATES), ("heads/scores/*", SCORES)):
        for name, first, second in _both(one, other, pattern):
            keys = {*first, *second} - {"packages"}
            differ = [key for key in sorted(keys) if not _equal(first.get(key), second.get(key))]
            found[kind] += [f"{name} {key}" for key in differ]
    return found


def weights_digest(run: Path) -> str:
    """The SHA-256 of the weights in a run's archive."""
    digest = hashlib.sha256()
    with tarfile.open(run / "model.tar.gz") as archive:
        weights = archive.extractfile("weights.th")
        assert weights is not None, "every archive has some"
        while block := weights.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _both(one: Path, other: Path, pattern: str) -> Iterator[tuple[str, Any, Any]]:
    """Files that fit in either folder; of one that is missing there is nothing."""
    names = {path.relative_to(place) for place in (one, other) for path in place.glob(pattern)}
    for name in sorted(name for name in names if name.suffix in (".json", ".npz")):
        yield str(name), _content(one / name), _content(other / name)


def _content(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    if path.suffix == ".json":
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return found
    with numpy.load(path) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _equal(first: Any, second: Any) -> bool:
    if isinstance(first, numpy.ndarray) and isinstance(second, numpy.ndarray):
        return first.shape == second.shape and first.tobytes() == second.tobytes()
    return bool(type(first) is type(second) and first == second)
