"""
The files of `docs/results/specialization/`: one JSON a run, small enough for version control.

A record has these keys; `python -m docs.specialization` writes it:

- `setting`: `"five"`, `"qnli_sst2"`, `"structured"` (trained from the pretrained encoder), or which
  heads a training that goes on from `five` trains: `"important"`, `"random"`, `"bottom"`, `"all"`;
  `alpha` and `start` of these, `null` of the others;
- `tasks`, `metric`, `experiment`, `command`, `seed`, `encoder`, `hardware`, `resumed`, `budget`,
  `data`, `versions`: as in `docs/five_tasks/record.py`; `minutes`: stage -> wall-clock time;
- `dev`: the scores of the chosen epoch on the development data, as the training saw them;
- `masked`: whether heads were masked. `masks/<run>/` has then what `allennlp heads dissociate`
  wrote: importance, masks, and the counts of every example under each mask;
- `scored`, `null` of `qnli_sst2` and `structured`: the archive on all development examples. Its
  `scores` are task -> main metric, and its `counts` task -> one entry for each of the columns that
  `allennlp_heads.analysis.measures` names for the metric: a number that is the same for all
  examples, a text with a digit (0 to 9, a to z) for each example, or a list of numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy

from allennlp_heads.analysis.measures import measure_of
from docs.runs.records import Record, read_json, write_checked

KEYS = (
    "setting",
    "alpha",
    "start",
    "tasks",
    "metric",
    "experiment",
    "command",
    "seed",
    "encoder",
    "hardware",
    "minutes",
    "resumed",
    "budget",
    "data",
    "versions",
    "dev",
    "masked",
    "scored",
)
MASKS = "masks"
"""Folder of the measurements under masks, beside the records."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

Columns = list[Any]
"""The columns of one task's counts; see above."""


def read_record(path: Path) -> Record:
    """One record. Raises `ValueError` that names the file and what is wrong with it."""
    record = read_json(path, KEYS, "docs/specialization/record.py")
    if record["scored"] is not None:
        for task in record["tasks"]:
            _check(path, task, record["metric"].get(task), record["scored"])
    return record


def read_records(folder: Path) -> dict[str, Record]:
    """All records of a folder, by file name without its ending, sorted."""
    return {path.stem: read_record(path) for path in sorted(folder.glob("*.json"))}


def write_record(path: Path, record: Record) -> None:
    """Write a record. Raises `ValueError` as `read_record` does."""
    write_checked(path, record, read_record)


def counts_of(record: Record, task: str) -> numpy.ndarray | None:
    """`[examples, K]` of a task on all development examples; `None` where there are none."""
    columns = (record["scored"] or {"counts": {}})["counts"].get(task)
    return None if columns is None else unpack(columns)


def pack(counts: numpy.ndarray) -> Columns:
    """Counts `[examples, K]` as the columns of a record."""
    columns = [_column(values) for values in counts.T.tolist()]
    if all(isinstance(column, (int, float)) for column in columns):
        columns[0] = counts[:, 0].tolist()  # or nothing would tell how many there are
    return columns


def unpack(columns: Columns) -> numpy.ndarray:
    """
    Counts `[examples, K]` of the columns of a record. Raises `ValueError` where they are of
    different lengths or cannot be read.
    """
    read = [_numbers(column) for column in columns]
    lengths = {len(values) for values in read if isinstance(values, list)}
    if len(lengths) != 1:
        raise ValueError(f"columns of {sorted(lengths)} examples")
    (length,) = lengths
    return numpy.array(
        [values if isinstance(values, list) else [values] * length for values in read]
    ).T


def _column(values: list[Any]) -> Any:
    if len(set(values)) == 1:
        return values[0]
    if all(isinstance(value, int) and 0 <= value < len(_DIGITS) for value in values):
        return "".join(_DIGITS[value] for value in values)
    return values


def _numbers(column: Any) -> Any:
    return [int(digit, len(_DIGITS)) for digit in column] if isinstance(column, str) else column


def _check(path: Path, task: str, metric: str | None, scored: Mapping[str, Any]) -> None:
    try:
        score = float(scored["scores"][task])
        counts = unpack(scored["counts"][task])
    except KeyError as error:
        raise ValueError(f"{path}: 'scored' has no {error}") from error
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: the counts of {task} cannot be read: {error}") from error
    measure = measure_of(metric)
    if counts.shape[1] != len(measure.columns):
        raise ValueError(f"{path}: the counts of {task} must be {', '.join(measure.columns)}")
    counted = float(measure.of_examples(counts))
    if abs(counted - score) > 1e-4:
        raise ValueError(
            f"{path}: the counts of {task} make {counted:.6f}, but its {metric} is {score:.6f}"
        )
