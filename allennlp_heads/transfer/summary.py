"""What a person wants to know of a grid first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from allennlp_heads.reports.transfer.matrix import TransferMatrix
from allennlp_heads.reports.transfer.numbers import best_named, points_text


def summary(matrices: Sequence[TransferMatrix]) -> list[str]:
    """A line for each regime and target: direct fine-tuning, and the source that helps most."""
    lines = []
    for matrix in matrices:
        sources = matrix.scores.shape[0] * (matrix.scores.shape[0] - 1) * matrix.scores.shape[-1]
        missing = len(matrix.missing)
        total = sources + matrix.direct.size
        lines.append(f"{matrix.regime}: {total - missing} of {total} cells")
        lines += [_line(matrix, place) for place in range(len(matrix.tasks))]
    return lines


def _line(matrix: TransferMatrix, target: int) -> str:
    name, metric = matrix.tasks[target], matrix.metrics[matrix.tasks[target]]
    column = matrix.performance[:, target]
    line = f"  {name}: {metric} {points_text(matrix.baseline[target])} directly"
    best = best_named(matrix.tasks, column)
    return line if best is None else f"{line}, {numpy.nanmax(column):.1f} after {best}"
