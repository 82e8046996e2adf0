"""
The files of `docs/results/transfer/`, small enough for version control; `python -m docs.transfer`
writes them.

`matrix.json` has these keys:

- `regime`, `tasks`, `classes`, `metrics`, `examples`, `available`, `restarts`, `curves`: as in the
  `transfer.json` of `allennlp-heads heads transfer`;
- `direct`: target -> its score without a source at each restart, `null` where it was not trained;
- `scores`: source -> target -> the same after the source;
- `shared`: source -> target -> the share of the target's scored data that has a sentence of the
  source's training data, see `docs/transfer/shared_texts.py`; where there is none, nothing;
- `dev_examples`, `updates`: task -> those of its fine-tuning as a target;
- `minutes`: `{"fine-tuning": n}`, the sum over all cells;
- `experiment`, `command`, `encoder`, `hardware`, `budget`, `data`, `versions`: as in
  `docs/specialization/record.py`.

`<setting>.embeddings.json`, one for each of `SETTINGS` in `docs/transfer/plan.py`, has

- `setting`, and `options`, those of the embeddings;
- `tasks`, in the order in which they are counted below;
- `components`: name -> `size` (how many numbers it is of), `tasks` (the places of those that have
  it) and `cosines` (of each pair of these: the first with all later ones, the second with all later
  ones, ...);
- `examples`: task -> of how many training examples;
- `left_out`: task -> component that was left out or has no direction -> why;
- `bytes`: task -> of its arrays as a file;
- `encoder`, `budget`: as above.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy

from allennlp_heads.reports.transfer.matrix import TransferMatrix
from docs.runs.records import Record, read_json, write_checked

MATRIX, EMBEDDINGS = "matrix", "embeddings"
_EXPLAINED = "docs/transfer/record.py"
_OF_MATRIX = (
    "regime",
    "tasks",
    "classes",
    "metrics",
    "examples",
    "available",
    "restarts",
    "curves",
    "direct",
    "scores",
    "shared",
    "dev_examples",
    "updates",
    "minutes",
    "experiment",
    "command",
    "encoder",
    "hardware",
    "budget",
    "data",
    "versions",
)
_OF_EMBEDDINGS = (
    "setting",
    "options",
    "tasks",
    "components",
    "examples",
    "left_out",
    "bytes",
    "encoder",
    "budget",
)
_DIGITS = 9


def read_matrix_record(path: Path) -> Record:
    """The record of the matrix. Raises `ValueError` that names the file and what is wrong."""
    record = read_json(path, _OF_MATRIX, _EXPLAINED)
    try:
        matrix = matrix_of(record)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: the scores are not those of the tasks: {error}") from error
    scores = numpy.concatenate([matrix.direct.ravel(), matrix.scores.ravel()])
    if numpy.isinf(scores).any() or (numpy.abs(scores) > 1).any():
        raise ValueError(f"{path}: a score is a share, or a correlation, never above 1")
    return record


def read_embeddings_record(path: Path) -> Record:
    """One setting of embeddings. Raises `ValueError` that names the file and what is wrong."""
    record = read_json(path, _OF_EMBEDDINGS, _EXPLAINED)
    for name in record["components"]:
        try:
            table_of(record, name, record["tasks"])
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ValueError(f"{path}: the cosines of {name} are not whole: {error}") from error
    return record


def write_record(path: Path, record: Record) -> None:
    """Write a record of either kind. Raises `ValueError` as the readers do."""
    read = read_matrix_record if path.stem == MATRIX else read_embeddings_record
    write_checked(path, record, read)


def matrix_of(record: Record) -> TransferMatrix:
    """The matrix that a record holds; `ValueError` or `KeyError` where it is not whole."""
    tasks, restarts = record["tasks"], record["restarts"]
    none = [None] * restarts
    scores = [
        [none if source == target else record["scores"][source][target] for target in tasks]
        for source in tasks
    ]
    matrix = TransferMatrix(
        record["regime"],
        tasks,
        record["classes"],
        record["metrics"],
        record["examples"],
        record["available"],
        direct=numpy.array([record["direct"][task] for task in tasks], dtype=float),
        scores=numpy.array(scores, dtype=float),
        curves={
            task: [(int(updates), float(score)) for updates, score in points]
            for task, points in record["curves"].items()
        },
    )
    if matrix.scores.shape != (len(tasks), len(tasks), restarts):
        raise ValueError(f"{restarts} restarts, but scores {list(matrix.scores.shape)}")
    return matrix


def scores_as_lists(matrix: TransferMatrix) -> dict[str, Any]:
    """The keys `direct` and `scores` of a record."""
    tasks = matrix.tasks
    return {
        "direct": dict(zip(tasks, map(_listed, matrix.direct))),
        "scores": {
            source: {
                target: _listed(values) for target, values in zip(tasks, row) if target != source
            }
            for source, row in zip(tasks, matrix.scores)
        },
    }


def cosines_as_lists(tables: dict[str, numpy.ndarray]) -> dict[str, dict[str, Any]]:
    """
    Of each component `tasks` and `cosines`, from a table `[tasks, tasks]` with `nan` where a task
    lacks the component.
    """
    found = {}
    for name, table in tables.items():
        have = numpy.flatnonzero(numpy.isfinite(numpy.diag(table))).tolist()
        cosines = [round(float(table[pair]), _DIGITS) for pair in itertools.combinations(have, 2)]
        found[name] = {"tasks": have, "cosines": cosines}
    return found


def table_of(record: Record, component: str, tasks: list[str]) -> numpy.ndarray:
    """
    `[tasks, tasks]`: the cosines of a component, in the given order of tasks; `nan` where a task
    lacks it.
    """
    given = record["components"][component]
    places = [record["tasks"][place] for place in given["tasks"]]
    pairs = list(itertools.combinations(places, 2))
    if len(pairs) != len(given["cosines"]):
        raise ValueError(f"{len(given['cosines'])} cosines of {len(pairs)} pairs")
    table = numpy.full((len(tasks), len(tasks)), numpy.nan)
    for task in set(places) & set(tasks):
        table[tasks.index(task), tasks.index(task)] = 1.0
    for (one, other), cosine in zip(pairs, given["cosines"]):
        if one in tasks and other in tasks:
            row, column = tasks.index(one), tasks.index(other)
            table[row, column] = table[column, row] = cosine
    return table


def _listed(values: numpy.ndarray) -> list[float | None]:
    return [None if numpy.isnan(value) else round(float(value), 6) for value in values]
