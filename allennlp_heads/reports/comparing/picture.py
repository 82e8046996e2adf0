"""The scores of a comparison as dots."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from allennlp_heads.reports.comparing.results import TaskTable
from allennlp_heads.reports.comparing.rows import reference_row, rows_of
from allennlp_heads.reports.dots import Panel, dots_figure


def comparison_figure(tables: Sequence[TaskTable]) -> Figure:
    """A panel a task, a line a setting, a ring a run; the reference's mean is dashed."""
    rows = rows_of(tables)
    panels = []
    for table in tables:
        scores = {
            row: [100 * score for score in cells[table.task].scores]
            for row, cells in rows.items()
            if table.task in cells
        }
        dashed = None if table.reference is None else reference_row(tables, table)
        panels.append(Panel(table.task, table.metric, scores, dashed))
    dashes = ""
    if any(panel.dashed is not None for panel in panels):
        every = all(table.alone for table in tables if table.reference is not None)
        dashes = f"; dashed: {'the task alone' if every else 'the reference'}"
    caption = f"score times 100: rings are runs, strokes their means{dashes}"
    return dots_figure(panels, list(rows), caption)
