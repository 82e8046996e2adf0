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

import json
import re
from pathlib import Path
from typing import Any

import numpy

TASKS = ("pos", "ner", "dep", "con", "srl")
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
COUNTS = ("correct", "predicted", "gold")
_NUMBERS = re.compile(r"\[\s+([\d\s,]+)\]")

Record = dict[str, Any]


def read_record(path: Path) -> Record:
    """One record. Raises `ValueError` that names the file and what is wrong with it."""
    try:
        record: Record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: cannot be read as JSON: {error}") from error
    missing = [key for key in KEYS if key not in record]
    if missing:
        raise ValueError(
            f"{path}: {', '.join(missing)} missing; docs/five_tasks/record.py says what"
        )
    for task in record["tasks"]:
        _check_task(path, record, task)
    return record


def read_records(folder: Path) -> dict[str, Record]:
    """All records of a folder, by file name without its ending, sorted."""
    return {path.stem: read_record(path) for path in sorted(folder.glob("*.json"))}


def write_record(path: Path, record: Record) -> None:
    """Write a record, lists of numbers on one line. Raises `ValueError` as `read_record` does."""
    text = json.dumps(record, indent=1, sort_keys=True)
    text = _NUMBERS.sub(lambda found: "[" + re.sub(r"\s+", "", found[1]) + "]", text)
    path.parent.mkdir(parents=True, exist_ok=True)
    unchecked = path.with_suffix(".tmp")
    unchecked.write_text(text + "\n", "utf-8")
    try:
        read_record(unchecked)
    except ValueError:
        unchecked.unlink()
        raise
    unchecked.replace(path)


def score_of(record: Record, task: str, part: str = "test") -> float:
    """A task's main metric."""
    return float(record["scores"][part][f"{task}_{record['metric'][task]}"])


def counts_of(record: Record, task: str) -> numpy.ndarray | None:
    """`[sentences, 3]`, integers: correct, predicted and gold; `None` where there are none."""
    counts = record.get("counts", {}).get(task)
    return None if counts is None else numpy.array([counts[key] for key in COUNTS]).T


def _check_task(path: Path, record: Record, task: str) -> None:
    if task not in TASKS:
        raise ValueError(f"{path}: the task {task!r} is none of {', '.join(TASKS)}")
    try:
        score = score_of(record, task)
    except KeyError as error:
        raise ValueError(f"{path}: no test score of {task}: {error} missing") from error
    try:
        counts = counts_of(record, task)
    except (KeyError, ValueError) as error:
        raise ValueError(f"{path}: the counts of {task} are not three equal lists") from error
    if counts is None:
        return
    correct, predicted, gold = counts.sum(axis=0).tolist()
    counted = 2 * correct / max(predicted + gold, 1)
    if abs(counted - score) > 1e-4:
        raise ValueError(
            f"{path}: the counts of {task} make {counted:.6f}, but its {record['metric'][task]} is "
            f"{score:.6f}; they must be of the same sentences and the same metric"
        )
