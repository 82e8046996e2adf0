"""The rows of a table of all tasks: single-task trainings share one."""

from __future__ import annotations

from collections.abc import Sequence

from allennlp_heads.reports.comparing.results import Cell, TaskTable

ALONE = "each task alone"


def rows_of(tables: Sequence[TaskTable]) -> dict[str, dict[str, Cell]]:
    """Row -> task -> cell; single-task references of several tasks are one row, the first."""
    found: dict[str, dict[str, Cell]] = {ALONE: {}}
    for table in tables:
        for cell in table.cells:
            row = reference_row(tables, table) if cell.setting == table.reference else cell.setting
            found.setdefault(row, {})[table.task] = cell
    return {row: cells for row, cells in found.items() if cells}


def reference_row(tables: Sequence[TaskTable], table: TaskTable) -> str:
    """The row of a table's reference, which there must be."""
    alone = {other.reference for other in tables if other.alone}
    return ALONE if table.alone and len(alone) > 1 else str(table.reference)
