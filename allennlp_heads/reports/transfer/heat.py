"""A table of numbers as shades: any number of rows and columns, a text in each cell."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import matplotlib
import numpy
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextPath

from allennlp_heads.reports.figures import DPI, LETTERS_PER_INCH, LINE, STYLE
from allennlp_heads.reports.transfer.marks import shown_task

# inches
_CELL, _SMALL_CELL, _MANY, _MARGIN, _GAP, _BAR, _BAR_TEXT = 0.42, 0.32, 16, 0.12, 0.1, 0.15, 0.65
_LABEL, _LEAST_WIDTH, _LEAST_BAR = 0.22, 5.0, 1.3
_POINTS = 72
_DARK = 0.45
"""Luminance below which ink is white."""


@dataclass(frozen=True)
class Shades:
    """
    Which number has which shade; numbers outside are drawn as the nearer end.

    # Parameters

    colours : `str`
        A colour map of matplotlib.
    low, high : `float`
        Its ends.
    label : `str`
        What the colour bar measures.
    """

    colours: str
    low: float
    high: float
    label: str

    @classmethod
    def grey(cls, values: numpy.ndarray, label: str, dark_is_high: bool = True) -> Shades:
        """From white to black over the finite numbers of `values`."""
        low, high = _ends(values)
        return cls("binary" if dark_is_high else "gray", low, high, label)

    @classmethod
    def diverging(cls, values: numpy.ndarray, label: str) -> Shades:
        """
        White at zero, darker red below it and darker blue above. In grey both sides look the same:
        write the sign into the cells. Few large numbers do not whiten the others: the ends lie at
        the 95th percentile of the sizes.
        """
        sizes = numpy.abs(values[numpy.isfinite(values)])
        end = float(numpy.quantile(sizes, 0.95)) if sizes.size else 0.0
        end = end or float(sizes.max(initial=0.0)) or 1.0
        return cls("RdBu", -end, end, label)


@dataclass(frozen=True)
class Side:
    """
    The rows or the columns.

    # Parameters

    names : `Sequence[str]`
        Long ones are cut.
    label : `str`, optional (default = `""`)
        What they are.
    groups : `Sequence[str]`, optional (default = `()`)
        The group of each; a line parts two groups, and rows have the groups' names beside them.
    """

    names: Sequence[str]
    label: str = ""
    groups: Sequence[str] = ()

    @property
    def shown(self) -> list[str]:
        """The names as they are drawn."""
        return [shown_task(name) for name in self.names]

    @property
    def runs(self) -> list[tuple[str, int, int]]:
        """Of each run of equal groups, its name, where it begins and where it ends."""
        found, start = [], 0
        for group, members in groupby(self.groups):
            end = start + len(list(members))
            found.append((shown_task(group), start, end))
            start = end
        return found


def heat_map(
    values: numpy.ndarray,
    texts: Sequence[Sequence[str]],
    rows: Side,
    columns: Side,
    shades: Shades,
    title: str,
    none: numpy.ndarray | None = None,
) -> Figure:
    """
    # Parameters

    values : `numpy.ndarray`
        `[rows, columns]`; a cell of `nan` stays white.
    texts : `Sequence[Sequence[str]]`
        What stands in each cell.
    rows, columns : `Side`
        Rows run downward.
    shades : `Shades`
    title : `str`
        Wrapped to the width of the picture.
    none : `numpy.ndarray`, optional (default = `None`)
        `[rows, columns]`, `bool`: cells that cannot have a number, hatched.

    # Returns

    `Figure`
        For `save_figure`; its size follows from the table.
    """
    down, across = values.shape
    cell = _CELL if max(values.shape) <= _MANY else _SMALL_CELL
    left = _MARGIN + _LABEL * bool(rows.label) + widest(rows.shown, 8) + _GAP
    groups = widest([name for name, _, _ in rows.runs], 8)
    side = _GAP + groups + _GAP + _BAR + _BAR_TEXT
    width = max(left + across * cell + side, _LEAST_WIDTH)
    lines = textwrap.wrap(title, int(width * LETTERS_PER_INCH))
    above = _LABEL * bool(columns.label) + widest(columns.shown, 8) + _GAP
    top = _MARGIN + LINE * len(lines) + above
    room = max(down * cell, _LEAST_BAR)
    height = top + room + _MARGIN
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), dpi=DPI)
        FigureCanvasAgg(figure)

        def box(x: float, y: float, wide: float, high: float) -> Axes:
            place = (x / width, 1 - (y + high) / height, wide / width, high / height)
            return figure.add_axes(place)

        axes = box(left, top, across * cell, down * cell)
        _cells(axes, values, texts, shades, 7 if cell == _CELL else 5.5)
        _hatch(axes, none)
        _sides(axes, rows, columns)
        bar = box(left + across * cell + side - _BAR - _BAR_TEXT, top, _BAR, room)
        _bar(figure, bar, values, shades)
        style: dict[str, Any] = {"va": "top", "fontsize": 10}
        figure.text(_MARGIN / width, 1 - _MARGIN / height, "\n".join(lines), **style)
    return figure


def widest(names: Sequence[str], size: float) -> float:
    """Inches that the widest of these names takes in letters of so many points."""
    return max((_width(name, size) for name in names), default=0.0)


def _width(name: str, size: float) -> float:
    if not name.strip():
        return 0.0
    with matplotlib.rc_context(STYLE):
        return float(TextPath((0, 0), name, size=size).get_extents().x1) / _POINTS


def _ends(values: numpy.ndarray) -> tuple[float, float]:
    there = values[numpy.isfinite(values)]
    low, high = (float(there.min()), float(there.max())) if there.size else (0.0, 1.0)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _cells(
    axes: Axes,
    values: numpy.ndarray,
    texts: Sequence[Sequence[str]],
    shades: Shades,
    size: float,
) -> None:
    painter = ScalarMappable(Normalize(shades.low, shades.high, clip=True), shades.colours)
    colours = painter.to_rgba(numpy.ma.masked_invalid(values))
    colours[~numpy.isfinite(values)] = 1.0
    axes.imshow(colours, extent=(0, values.shape[1], values.shape[0], 0), aspect="auto")
    ink = colours[..., :3] @ numpy.array([0.2126, 0.7152, 0.0722]) < _DARK
    for (row, column), dark in numpy.ndenumerate(ink):
        style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": size}
        style["color"] = "white" if dark else "black"
        axes.text(column + 0.5, row + 0.5, texts[row][column], **style)


def _hatch(axes: Axes, none: numpy.ndarray | None) -> None:
    for row, column in () if none is None else numpy.argwhere(none):
        style: dict[str, Any] = {"facecolor": "white", "edgecolor": "0.6", "hatch": "/////"}
        axes.add_patch(Rectangle((column, row), 1, 1, lw=0, **style))


def _sides(axes: Axes, rows: Side, columns: Side) -> None:
    down, across = len(rows.names), len(columns.names)
    axes.set_xticks(numpy.arange(across) + 0.5, columns.shown, rotation=90)
    axes.set_yticks(numpy.arange(down) + 0.5, rows.shown)
    axes.tick_params(labelsize=8, length=0, top=True, labeltop=True, labelbottom=False)
    axes.set_xlim(0, across)
    axes.set_ylim(down, 0)
    # from the left: it may be wider than the cells
    axes.set_xlabel(columns.label, fontsize=9, loc="left")
    axes.xaxis.set_label_position("top")
    axes.set_ylabel(rows.label, fontsize=9)
    for name, start, end in rows.runs:
        if start:
            axes.axhline(start, color="black", linewidth=1.2)
        # points beside the cells, whatever their number
        place: dict[str, Any] = {"xycoords": axes.get_yaxis_transform(), "va": "center"}
        offset: dict[str, Any] = {"xytext": (_GAP * _POINTS, 0), "textcoords": "offset points"}
        axes.annotate(name, (1, (start + end) / 2), fontsize=8, **place, **offset)
    for _, start, _ in columns.runs:
        if start:
            axes.axvline(start, color="black", linewidth=1.2)


def _bar(figure: Figure, axes: Axes, values: numpy.ndarray, shades: Shades) -> None:
    there = values[numpy.isfinite(values)]
    below, above = (there < shades.low).any(), (there > shades.high).any()
    extend = {(True, True): "both", (True, False): "min", (False, True): "max"}
    painter = ScalarMappable(Normalize(shades.low, shades.high), shades.colours)
    ends = extend.get((bool(below), bool(above)), "neither")
    figure.colorbar(painter, cax=axes, extend=ends)
    axes.set_ylabel(shades.label, fontsize=8)
    axes.tick_params(labelsize=7)
