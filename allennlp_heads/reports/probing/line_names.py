"""Names of lines at their right ends, in place of a legend, none on another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

_LINE = 0.145
"""Inches that a name of this size takes downward."""
_SIZE = 8
_COLUMNS = 0.05, 0.08, 0.11, 0.125
"""Begin, middle and end of a line's piece, and its name: shares of the axes' width, beside them."""


def name_lines(axes: Axes, lines: Sequence[Line2D], names: Sequence[str]) -> None:
    """
    Write each name at the right of the axes behind a piece of its line, joined to the last point of
    that line that is not nan; lines without one get no name. The axes keep the limits they have.
    """
    ends = []
    for line, name in zip(lines, names, strict=True):
        points = numpy.asarray(line.get_xydata(), dtype=float)
        points = points[numpy.isfinite(points).all(axis=1)]
        if len(points):
            ends.append((*points[-1], line, name))
    axes.figure.canvas.draw()  # now the layout is known
    low, high = axes.get_ylim()
    least = _LINE * (high - low) * axes.figure.get_dpi() / axes.get_window_extent().height
    left, right = axes.get_xlim()
    axes.set(xlim=(left, right), ylim=(low, high))
    begin, middle, end, text = (right + share * (right - left) for share in _COLUMNS)
    for (x, y, line, name), place in zip(
        ends, apart([y for _, y, *_ in ends], least, low, high), strict=True
    ):
        axes.plot([x, begin], [y, place], color="0.6", lw=0.5, clip_on=False, zorder=1)
        piece = Line2D([begin, middle, end], [place] * 3)
        piece.update_from(line)
        piece.set(markevery=[1], clip_on=False, label="")
        axes.add_line(piece)
        axes.text(text, place, name, fontsize=_SIZE, va="center")


def apart(wanted: Sequence[float], least: float, low: float, high: float) -> numpy.ndarray:
    """
    Places as near to those `wanted` as can be (least squares), at least `least` from each other and
    from `low` to `high` as far as there is room.
    """
    order = numpy.argsort(wanted, kind="stable")
    steps = least * numpy.arange(len(order))
    blocks: list[tuple[float, int]] = []  # mean and size: of what must stand close together
    for value in numpy.asarray(wanted, dtype=float)[order] - steps:
        mean, size = float(value), 1
        while blocks and blocks[-1][0] > mean:
            other, count = blocks.pop()
            mean, size = (mean * size + other * count) / (size + count), size + count
        blocks.append((mean, size))
    found = numpy.array([mean for mean, size in blocks for _ in range(size)])
    found = numpy.maximum(numpy.minimum(found, high - least * (len(order) - 1)), low) + steps
    places = numpy.empty(len(order))
    places[order] = found
    return places
