"""
The files of `docs/results/qa_nli_sa/`: one JSON a run, small enough for version control.

A record has these keys; `python -m docs.qa_nli_sa` writes it:

- `setting`: a key of `SETTINGS` in `docs/qa_nli_sa/plan.py`; `seed`;
- `tasks`, `metric` (task -> main metric), `experiment`, `command`, `encoder`, `hardware`,
  `minutes`, `resumed`, `budget`, `data`, `versions`: as in `docs/specialization/record.py`;
- `updates`: how many the run was asked for; `batch_size`: the most examples of one of them;
- `trained`: what `scores.json` says was trained, by epoch: updates, and batches and examples of
  each task; `null` where it says nothing;
- `phases`: those of `heads/phases.json`, `null` where tasks are not switched;
- `scores`: task -> measure -> the share after each epoch, on all development examples. Nothing is
  chosen by them: the page shows the last;
- `counts`: task -> the counts of these examples after the last epoch, as in `docs/runs/packed.py`;
- `floor`: task -> answer that looks at nothing -> its counts; `null` but for the untrained.
"""

from __future__ import annotations

from pathlib import Path

import numpy

from allennlp_heads.analysis.measures import measure_of
from docs.runs.packed import check_score, checked, unpack
from docs.runs.records import Record, read_json, write_checked

KEYS = (
    "setting",
    "seed",
    "tasks",
    "metric",
    "experiment",
    "command",
    "encoder",
    "hardware",
    "minutes",
    "resumed",
    "budget",
    "data",
    "versions",
    "updates",
    "batch_size",
    "trained",
    "phases",
    "scores",
    "counts",
    "floor",
)
F1, EXACT = "token_f1", "exact_match"


def measures_of(metric: str) -> tuple[str, ...]:
    """What a task's counts say: its main metric, and of answers both official ones."""
    return (EXACT, F1) if metric in (EXACT, F1) else (metric,)


def read_record(path: Path) -> Record:
    """One record. Raises `ValueError` that names the file and what is wrong with it."""
    record = read_json(path, KEYS, "docs/qa_nli_sa/record.py")
    if record["trained"] is not None:
        made, asked = sum(record["trained"]["updates"]), record["updates"]
        if made != asked:
            raise ValueError(f"{path}: it was asked for {asked} updates, but {made} were trained")
    for task in record["tasks"]:
        try:
            metric, columns = record["metric"][task], record["counts"][task]
            last = {measure: record["scores"][task][measure][-1] for measure in measures_of(metric)}
        except (KeyError, IndexError) as error:
            raise ValueError(f"{path}: of {task} there is no {error}") from error
        counts = checked(path, task, metric, columns)
        for measure, score in last.items():
            check_score(path, task, measure, counts, score)
        for columns in (record["floor"] or {}).get(task, {}).values():
            checked(path, task, metric, columns)
    return record


def read_records(folder: Path) -> dict[str, Record]:
    """All records of a folder, by file name without its ending, sorted."""
    return {path.stem: read_record(path) for path in sorted(folder.glob("*.json"))}


def write_record(path: Path, record: Record) -> None:
    """Write a record. Raises `ValueError` as `read_record` does."""
    write_checked(path, record, read_record)


def counts_of(record: Record, task: str) -> numpy.ndarray:
    """`[examples, K]` of a task after the last epoch."""
    return unpack(record["counts"][task])


def floor_of(record: Record, task: str) -> dict[str, numpy.ndarray]:
    """The counts `[examples, K]` of answers that look at nothing, by what they are."""
    found = (record["floor"] or {}).get(task, {})
    return {name: unpack(columns) for name, columns in found.items()}


def score_of(record: Record, task: str, measure: str) -> float:
    """After the last epoch."""
    return float(record["scores"][task][measure][-1])


def scores_by_epoch(counts: numpy.ndarray, metric: str) -> dict[str, list[float]]:
    """Every measure of counts `[epochs, examples, K]`."""
    return {name: measure_of(name).of_examples(counts).tolist() for name in measures_of(metric)}
