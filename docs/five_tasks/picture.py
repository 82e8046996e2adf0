"""The scores of the five tasks as dots: a panel a task, a line a training, a ring a run."""

from __future__ import annotations

import statistics
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from docs.five_tasks.comparisons import ALONE, Cells, cells_of, rows_of
from docs.five_tasks.record import TASKS, read_records, score_of

_WIDTH, _LINE, _FRAME, _DPI = 11.0, 0.27, 1.1, 110


def draw(folder: Path, path: Path) -> None:
    """Write the picture of all records of a folder; equal records give equal bytes."""
    cells = cells_of(read_records(folder))
    rows = rows_of(cells)
    figure = Figure(figsize=(_WIDTH, _FRAME + _LINE * len(rows)), dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(TASKS), sharey=True)
    for task, panel in zip(TASKS, panels, strict=True):
        _panel(panel, cells, rows, task)
    panels[0].set_yticks(range(len(rows)), rows)
    panels[0].invert_yaxis()
    figure.supxlabel("test score: rings are runs, strokes their means, dashes the task alone")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Software": None})


def _panel(panel: Axes, cells: Cells, rows: list[str], task: str) -> None:
    panel.set_title(task.upper(), fontsize=10)
    panel.grid(axis="y", color="0.9")
    panel.tick_params(axis="x", labelsize=7, rotation=45)
    for place, row in enumerate(rows):
        scores = [score_of(record, task) for record in cells.get((row, task), {}).values()]
        if not scores:
            continue
        mean = statistics.mean(scores)
        panel.plot([mean], [place], "|", color="black", markersize=11, markeredgewidth=2)
        panel.plot(
            scores, [place] * len(scores), "o", mfc="none", mec="0.4", markersize=5, clip_on=False
        )
        if row == ALONE:
            panel.axvline(mean, color="0.5", linestyle="--", linewidth=0.8, zorder=0)
