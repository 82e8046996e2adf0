"""Scores before and after heads are removed, as dots: a panel a task, a ring a run."""

from __future__ import annotations

from pathlib import Path

from docs.five_tasks import record as five_tasks
from docs.pruning.comparisons import BEFORE, REMOVED, Results
from docs.pruning.plan import GATED, MAGNITUDE, RANDOM
from docs.pruning.record import read_records
from docs.runs import dots
from docs.runs.records import TASKS

_SHOWN = (BEFORE, GATED, REMOVED, RANDOM, MAGNITUDE)
_DASHED = f"alone: {BEFORE}"
_CAPTION = (
    "test score: rings are runs, strokes their means, dashes the task alone with all its heads"
)


def draw(folder: Path, before: Path, path: Path) -> None:
    """
    Write the picture; equal records give equal bytes.

    # Parameters

    folder : `Path`
        Of the records about removed heads.
    before : `Path`
        Of the records of the five tasks.
    path : `Path`
        Of the picture.
    """
    results = Results(read_records(folder), five_tasks.read_records(before))
    rows = results.rows()
    scores = {
        (f"{row.training}: {column}", row.task): results.scores(row, column)
        for row in rows
        for column in _SHOWN
    }
    trainings = dict.fromkeys(row.training for row in rows)
    lines = [f"{training}: {column}" for training in trainings for column in _SHOWN]
    dots.draw(path, scores, lines, TASKS, _DASHED, _CAPTION)
