"""
The files of `docs/results/five_tasks/`: one JSON a run, small enough for version control.

A record has these keys; `python -m docs.five_tasks` writes it, and so may anything else that scores
the same test sentences:

- `system`: the row of the table, `"STL"`, `"pair"`, `"MTL-5"`, or another name such as
  `"allennlp-models"`;
- `model` (of other systems): what was trained, as `"biaffine_parser"`;
- `tasks`: keys out of `pos`, `ner`, `dep`, `con`, `srl`, all that the run was trained on;
- `experiment`: path of the configuration; `command`: the command line;
- `seed`: a number; `encoder`: its name; `hardware`: in words;
- `minutes`: wall-clock time of training and test together; `resumed` (may be missing): `true` where
  the training was cut off, so that `minutes` is that of its last part;
- `data`: data file -> its SHA-256 or `null`;
- `budget`: what the run may cost and how it differs from the configuration, in words and numbers,
  such as `{"sentences": 1000, "epochs": 5, "overrides": {}}` (`null`: as the configuration says);
- `versions`: package -> version;
- `scores`: `{"dev": {"<task>_<metric>": share}, "test": {...}}`, those of the chosen epoch;
- `metric`: task -> the name of its main metric, as `{"dep": "LAS"}`; `scores.test` has it under
  `dep_LAS`;
- `counts` (may lack a task that counts differently, or be missing: no paired test then):
  task -> `{"correct": [...], "predicted": [...], "gold": [...]}`, three integers for each test
  sentence, in the order of the test file.

Where there are counts, the main metric must follow from their sums: `F1 = 2 correct / (predicted +
gold)`, or `correct / gold` for accuracies and attachment scores, where `predicted` equals `gold`.
"""

from __future__ import annotations

from pathlib import Path

import numpy

from docs.runs.records import (
    COUNTS,
    TASKS,
    Record,
    check_scores,
    count_rows,
    read_json,
    write_checked,
)

__all__ = [
    "COUNTS",
    "TASKS",
    "Record",
    "counts_of",
    "read_record",
    "read_records",
    "score_of",
    "write_record",
]

KEYS = (
    "system",
    "tasks",
    "experiment",
    "command",
    "seed",
    "encoder",
    "hardware",
    "minutes",
    "budget",
    "data",
    "versions",
    "scores",
    "metric",
)


def read_record(path: Path) -> Record:
    """One record. Raises `ValueError` that names the file and what is wrong with it."""
    record = read_json(path, KEYS, "docs/five_tasks/record.py")
    scores = record["scores"]["test"]
    check_scores(path, record["tasks"], record["metric"], scores, record.get("counts", {}))
    return record


def read_records(folder: Path) -> dict[str, Record]:
    """All records of a folder, by file name without its ending, sorted."""
    return {path.stem: read_record(path) for path in sorted(folder.glob("*.json"))}


def write_record(path: Path, record: Record) -> None:
    """Write a record, lists of numbers on one line. Raises `ValueError` as `read_record` does."""
    write_checked(path, record, read_record)


def score_of(record: Record, task: str, part: str = "test") -> float:
    """A task's main metric."""
    return float(record["scores"][part][f"{task}_{record['metric'][task]}"])


def counts_of(record: Record, task: str) -> numpy.ndarray | None:
    """`[sentences, 3]`, integers: correct, predicted and gold; `None` where there are none."""
    return count_rows(record.get("counts", {}).get(task))
