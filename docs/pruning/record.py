"""
The files of `docs/results/pruning/`: one JSON a run, small enough for version control.

A record has these keys; `python -m docs.pruning` writes it:

- `kind`: `"gated"` (learned gates), `"random"` or `"magnitude"` (a mask that was there from the
  first update on); `setting`: a task trained alone, `"all_shared"`, `"all_per_task"`, or `"all"` of
  the masks;
- `tasks`, `metric`, `experiment`, `command`, `seed`, `encoder`, `hardware`, `minutes` (of training,
  tests and removal), `resumed`, `budget`, `data`, `versions`: as in `docs/five_tasks/record.py`;
- `dev`: the scores of the chosen epoch on the development data;
- `stages`: name -> `{"scores": {"<task>_<metric>": share}, "counts": {task: {...}}}`, on the test
  sentences. Of gates: `gated` (as trained), `binarised` (the same weights, gates 0 or 1) and
  `removed` (the archive without the closed heads, scored by itself); of masks: `masked`;
- `sets`: name of a set of gates (`"gates"`, or a task) -> `{"kept": [[...]], "heads": n}`, the
  heads kept of each layer, 0-based, and how many there were; of gates also `pruning`, what
  `allennlp heads prune` said: sizes, largest difference, expected and measured cost.

Beside them, `gates/<run>/heads/` has the gates of every epoch, as the callback `gate_report` wrote
them: what `allennlp heads overlap` reads.
"""

from __future__ import annotations

from pathlib import Path

import numpy

from docs.pruning.plan import GATED
from docs.runs.records import Record, check_scores, count_rows, read_json, write_checked

STAGES = ("gated", "binarised", "removed")
MASKED = "masked"
KEYS = (
    "kind",
    "setting",
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
    "stages",
    "sets",
)


def read_record(path: Path) -> Record:
    """One record. Raises `ValueError` that names the file and what is wrong with it."""
    record = read_json(path, KEYS, "docs/pruning/record.py")
    wanted = STAGES if record["kind"] == GATED else (MASKED,)
    if sorted(record["stages"]) != sorted(wanted):
        raise ValueError(f"{path}: 'stages' must be {', '.join(wanted)}")
    for stage in record["stages"].values():
        check_scores(path, record["tasks"], record["metric"], stage["scores"], stage["counts"])
    return record


def read_records(folder: Path) -> dict[str, Record]:
    """All records of a folder, by file name without its ending, sorted."""
    return {path.stem: read_record(path) for path in sorted(folder.glob("*.json"))}


def write_record(path: Path, record: Record) -> None:
    """Write a record. Raises `ValueError` as `read_record` does."""
    write_checked(path, record, read_record)


def score_of(record: Record, stage: str, task: str) -> float:
    """A task's main metric on the test sentences."""
    return float(record["stages"][stage]["scores"][f"{task}_{record['metric'][task]}"])


def counts_of(record: Record, stage: str, task: str) -> numpy.ndarray | None:
    """`[sentences, 3]`, integers: correct, predicted and gold; `None` where there are none."""
    return count_rows(record["stages"][stage]["counts"].get(task))
