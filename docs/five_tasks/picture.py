"""The scores of the five tasks as dots: a panel a task, a line a training, a ring a run."""

from __future__ import annotations

from pathlib import Path

from docs.five_tasks.comparisons import ALONE, cells_of, rows_of
from docs.five_tasks.record import TASKS, read_records, score_of
from docs.runs import dots

_CAPTION = "test score: rings are runs, strokes their means, dashes the task alone"


def draw(folder: Path, path: Path) -> None:
    """Write the picture of all records of a folder; equal records give equal bytes."""
    cells = cells_of(read_records(folder))
    scores = {
        (row, task): [score_of(record, task) for record in runs.values()]
        for (row, task), runs in cells.items()
    }
    dots.draw(path, scores, rows_of(cells), TASKS, ALONE, _CAPTION)
