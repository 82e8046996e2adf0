"""
The files of `docs/results/probes/`: a JSON a run, small enough for version control.

A record has these keys; `python -m docs.probes` writes it:

- `system`: `"static"` (the pretrained encoder as it is), `"STL"`, `"pair"` or `"MTL-5"`; `tasks`:
  those that were probed, which are those that it was trained for; `seed`: of the training, `null`
  of `"static"`;
- `held_out`: `false` where the test sentences themselves made the centroids and chose the heads;
- `experiment`, `command`, `encoder`, `hardware`, `resumed`, `budget`, `data`, `versions`: as in
  `docs/five_tasks/record.py`; `minutes`: stage -> wall-clock time.

`probes/<run>/` has what `allennlp-heads heads probe` wrote: for every label its counts, chosen
head, accuracy, interval and baselines, and of every scored item its sentence, label and whether the
chosen head was right, from which tests are made. Centroids are left out.
"""

from __future__ import annotations

from pathlib import Path

from docs.probes.plan import SYSTEMS
from docs.runs.records import TASKS, Record, read_json, write_checked

KEYS = (
    "system",
    "tasks",
    "held_out",
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
)
PROBES = "probes"
"""Folder of the probes, beside the records."""


def read_record(path: Path) -> Record:
    """One record. Raises `ValueError` that names the file and what is wrong with it."""
    record = read_json(path, KEYS, "docs/probes/record.py")
    if record["system"] not in SYSTEMS:
        raise ValueError(f"{path}: the system is none of {', '.join(SYSTEMS)}")
    if strange := sorted(set(record["tasks"]) - {*TASKS}):
        raise ValueError(f"{path}: {', '.join(strange)} none of the tasks {', '.join(TASKS)}")
    return record


def read_records(folder: Path) -> dict[str, Record]:
    """All records of a folder, by file name without its ending, sorted."""
    return {path.stem: read_record(path) for path in sorted(folder.glob("*.json"))}


def write_record(path: Path, record: Record) -> None:
    """Write a record. Raises `ValueError` as `read_record` does."""
    write_checked(path, record, read_record)
