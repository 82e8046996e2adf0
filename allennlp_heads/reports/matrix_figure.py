"""A square table of numbers as a picture: one row and one column for each group."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from allennlp_heads.reports.figures import DPI, LETTERS_PER_INCH, LINE, STYLE
from allennlp_heads.reports.markup import shorten

_CELL, _LETTER, _MARGIN, _LEAST_WIDTH = 0.56, 0.07, 0.2, 4.4


def matrix_figure(
    values: numpy.ndarray,
    names: Sequence[str],
    title: str,
    marked: numpy.ndarray | None = None,
    below: numpy.ndarray | None = None,
) -> Figure:
    """
    Draw a square table: the number times 100 in each cell, on a grey from white (0 and below) to
    black (1). The diagonal is framed; `nan` is a dash.

    # Parameters

    values : `numpy.ndarray`
        `[groups, groups]`, at most 1.
    names : `Sequence[str]`
        Of the groups; long ones are cut.
    title : `str`
        Wrapped to the width of the picture.
    marked : `numpy.ndarray`, optional (default = `None`)
        `[groups, groups]`, `bool`: cells that get a star.
    below : `numpy.ndarray`, optional (default = `None`)
        `[groups, groups]`: a second number for each cell, times 100, small below the first.

    # Returns

    `Figure`
        For `save_figure`.
    """
    size = len(names)
    names = [shorten(name) for name in names]
    side = _MARGIN + 0.1 + _LETTER * max(map(len, names))
    upright = max(map(len, names)) <= 6
    width = max(side + size * _CELL + _MARGIN, _LEAST_WIDTH)
    lines = textwrap.wrap(title, int(width * LETTERS_PER_INCH))
    top = _MARGIN + LINE * len(lines) + (0.35 if upright else side)
    height = top + size * _CELL + _MARGIN
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), dpi=DPI)
        FigureCanvasAgg(figure)
        box = (side / width, _MARGIN / height, size * _CELL / width, size * _CELL / height)
        axes = figure.add_axes(box)
        shades = numpy.nan_to_num(values)
        axes.pcolormesh(shades, cmap="binary", vmin=0, vmax=1, edgecolors="0.5", linewidth=0.5)
        _numbers(
            axes,
            values,
            numpy.zeros(values.shape, bool) if marked is None else marked,
            numpy.full(values.shape, numpy.nan) if below is None else below,
        )
        for place in range(size):
            frame = Rectangle((place + 0.06, place + 0.06), 0.88, 0.88, fill=False, lw=1.5)
            frame.set_edgecolor(_ink(values[place, place]))
            axes.add_patch(frame)
        places = numpy.arange(size) + 0.5
        axes.set_xticks(places, names, rotation=0 if upright else 90)
        axes.set_yticks(places, names)
        axes.tick_params(labelsize=8, length=0, top=True, labeltop=True, labelbottom=False)
        axes.set_xlim(0, size)
        axes.set_ylim(size, 0)
        upper = 1 - 0.1 / height
        figure.text(0.15 / width, upper, "\n".join(lines), va="top", fontsize=10)
    return figure


def _numbers(
    axes: Axes, values: numpy.ndarray, marked: numpy.ndarray, below: numpy.ndarray
) -> None:
    for (row, column), value in numpy.ndenumerate(values):
        star = "*" if marked[row, column] else ""
        text = "–" if numpy.isnan(value) else f"{100 * value:.1f}{star}"
        style: dict[str, Any] = {"ha": "center", "va": "center", "color": _ink(value)}
        second = below[row, column]
        middle = row + (0.5 if numpy.isnan(second) else 0.4)
        axes.text(column + 0.5, middle, text, fontsize=8, **style)
        if not numpy.isnan(second):
            axes.text(column + 0.5, row + 0.7, f"{100 * second:.1f}", fontsize=6, **style)


def _ink(value: float) -> str:
    return "white" if value > 0.5 else "black"
