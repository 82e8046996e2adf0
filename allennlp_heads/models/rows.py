"""Taking the examples of one task out of a batch, and putting results back in their places."""

from __future__ import annotations

from typing import Any

import torch


def rows_of(task: list[str]) -> dict[str, torch.Tensor]:
    """The rows of each task in a batch: task -> indices `[n]`, tasks in order of appearance."""
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(task):
        rows.setdefault(name, []).append(row)
    return {name: torch.tensor(indices) for name, indices in rows.items()}


def select_rows(value: Any, rows: torch.Tensor) -> Any:
    """
    These rows of a tensor, a list, or a dictionary of such (a text field). The value given is not
    changed.
    """
    if isinstance(value, dict):
        return {key: select_rows(inner, rows) for key, inner in value.items()}
    if isinstance(value, torch.Tensor):
        return value.index_select(0, rows.to(value.device))
    return [value[row] for row in rows.tolist()]


def scatter_rows(
    parts: dict[str, torch.Tensor], rows: dict[str, torch.Tensor], size: int
) -> torch.Tensor:
    """Join each task's `[n, ...]` into one tensor `[size, ...]` in the order of the batch."""
    if len(parts) == 1:
        return next(iter(parts.values()))
    joined = torch.cat(list(parts.values()))
    order = torch.cat([rows[task] for task in parts]).argsort().to(joined.device)
    return joined[order]
