"""Records of runs: one JSON file each, with counts of every test sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy

TASKS = ("pos", "ner", "dep", "con", "srl")
COUNTS = ("correct", "predicted", "gold")
_NUMBERS = re.compile(r"\[\s+([-+.e\d\s,]+)\]")

Record = dict[str, Any]
Counts = Mapping[str, list[int]]


def read_json(path: Path, keys: tuple[str, ...], explained: str) -> Record:
    """
    A record with at least these keys. Raises `ValueError` that names the file and what is missing;
    `explained` is the file that says what the keys mean.
    """
    try:
        record: Record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: cannot be read as JSON: {error}") from error
    missing = [key for key in keys if key not in record]
    if missing:
        raise ValueError(f"{path}: {', '.join(missing)} missing; {explained} says what")
    return record


def write_checked(path: Path, record: Record, read: Callable[[Path], Record]) -> None:
    """
    Write a record, lists of numbers on one line. Raises `ValueError` when `read` refuses it, and
    leaves nothing then.
    """
    text = json.dumps(record, indent=1, sort_keys=True)
    text = _NUMBERS.sub(lambda found: "[" + re.sub(r"\s+", "", found[1]) + "]", text)
    path.parent.mkdir(parents=True, exist_ok=True)
    unchecked = path.with_suffix(".tmp")
    unchecked.write_text(text + "\n", "utf-8")
    try:
        read(unchecked)
    except ValueError:
        unchecked.unlink()
        raise
    unchecked.replace(path)


def count_rows(counts: Counts | None) -> numpy.ndarray | None:
    """`[sentences, 3]`, integers: correct, predicted and gold; `None` where there are none."""
    return None if counts is None else numpy.array([counts[key] for key in COUNTS]).T


def saved_counts(path: Path) -> dict[str, list[int]]:
    """The counts of the last evaluation in a `.npz` of `example_scores`."""
    with numpy.load(path) as arrays:
        counts = arrays["counts"][-1]
    return {name: counts[:, column].tolist() for column, name in enumerate(COUNTS)}


def check_scores(
    path: Path,
    tasks: list[str],
    metric: Mapping[str, str],
    scores: Mapping[str, float],
    counts: Mapping[str, Counts],
) -> None:
    """
    Whether there is a score of each task, and whether it follows from the task's counts where there
    are some. Raises `ValueError` that names `path`.
    """
    for task in tasks:
        if task not in TASKS:
            raise ValueError(f"{path}: the task {task!r} is none of {', '.join(TASKS)}")
        try:
            score = float(scores[f"{task}_{metric[task]}"])
        except KeyError as error:
            raise ValueError(f"{path}: no test score of {task}: {error} missing") from error
        try:
            rows = count_rows(counts.get(task))
        except (KeyError, ValueError) as error:
            raise ValueError(f"{path}: the counts of {task} are not three equal lists") from error
        if rows is not None:
            _check_sum(path, task, metric[task], score, rows)


def _check_sum(path: Path, task: str, metric: str, score: float, rows: numpy.ndarray) -> None:
    correct, predicted, gold = rows.sum(axis=0).tolist()
    counted = 2 * correct / max(predicted + gold, 1)
    if abs(counted - score) > 1e-4:
        raise ValueError(
            f"{path}: the counts of {task} make {counted:.6f}, but its {metric} is {score:.6f}; "
            "they must be of the same sentences and the same metric"
        )
