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
  `allennlp_heads.analysis.measures` names for the metric, as in `docs/runs/packed.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy

from docs.runs.packed import check_score, checked, unpack
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


def _check(path: Path, task: str, metric: str | None, scored: Mapping[str, Any]) -> None:
    try:
        score, columns = float(scored["scores"][task]), scored["counts"][task]
    except KeyError as error:
        raise ValueError(f"{path}: 'scored' has no {error}") from error
    check_score(path, task, metric, checked(path, task, metric, columns), score)
