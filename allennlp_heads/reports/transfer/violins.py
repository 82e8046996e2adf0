"""All transfers at once: of each target, where its sources, the choice among them and none lead."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from scipy.stats import gaussian_kde

from allennlp_heads.reports.figures import DPI, LETTERS_PER_INCH, LINE, STYLE
from allennlp_heads.reports.transfer.heat import widest
from allennlp_heads.reports.transfer.marks import Mark, class_marks, legend_handle, shown_task
from allennlp_heads.reports.transfer.numbers import best_named

# inches
_ROW, _PLOT, _MARGIN, _GAP, _AXIS, _HEADING, _LEGEND = 0.34, 5.2, 0.15, 0.12, 0.5, 0.3, 0.5
_HALF, _STEPS, _GOLDEN, _LEAST_SOURCES = 0.38, 100, 0.618, 3
_COLUMNS = ("best source", "chosen")
_BOLD = 1.15
"""How much wider bold letters are."""


def violin_figure(
    tasks: Sequence[str],
    classes: Mapping[str, str],
    performance: numpy.ndarray,
    baseline: numpy.ndarray,
    chosen: Sequence[int | None],
    title: str,
) -> Figure:
    """
    A row a target: its density over sources (from 3 different scores on), a mark a source, a stroke
    where direct fine-tuning leads, a star at the chosen source; at the right the names of the best
    source and of the chosen one.

    # Parameters

    tasks : `Sequence[str]`
        From top to bottom, in the order of the arrays.
    classes : `Mapping[str, str]`
        Task -> its class.
    performance : `numpy.ndarray`
        `[sources, targets]`: points, `nan` where missing and on the diagonal.
    baseline : `numpy.ndarray`
        `[targets]`: points without a source, `nan` where missing.
    chosen : `Sequence[int]`
        Of each target the place of the chosen source, or `None`.
    title : `str`
        Wrapped to the width of the picture.

    # Returns

    `Figure`
        For `save_figure`.
    """
    names = [shown_task(task) for task in tasks]
    marks = class_marks(classes[task] for task in tasks)
    left = _MARGIN + widest(names, 8) + _GAP
    column = max(widest(names, 7), widest(_COLUMNS, 8) * _BOLD) + _GAP
    width = left + _PLOT + _GAP + 2 * column + _MARGIN
    lines = textwrap.wrap(title, int(width * LETTERS_PER_INCH))
    top, rows = _MARGIN + LINE * len(lines) + _HEADING, _ROW * len(tasks)
    height = top + rows + _AXIS + _LEGEND
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), dpi=DPI)
        FigureCanvasAgg(figure)
        place = (left / width, (_AXIS + _LEGEND) / height, _PLOT / width, rows / height)
        axes = figure.add_axes(place)
        for row in range(len(tasks)):
            _target(axes, row, performance[:, row], [marks[classes[task]] for task in tasks])
            _reference(axes, row, float(baseline[row]), performance[:, row], chosen[row])
        _columns(axes, names, performance, chosen, column)
        _frame(axes, names)
        style: dict[str, Any] = {"va": "top", "fontsize": 10}
        figure.text(_MARGIN / width, 1 - _MARGIN / height, "\n".join(lines), **style)
        _legend(figure, marks)
    return figure


def _target(axes: Axes, row: int, scores: numpy.ndarray, marks: Sequence[Mark]) -> None:
    there = scores[numpy.isfinite(scores)]
    if len(numpy.unique(there)) >= _LEAST_SOURCES:
        along = numpy.linspace(there.min(), there.max(), _STEPS)
        density = gaussian_kde(there)(along)
        half = _HALF * density / density.max()
        axes.fill_between(along, row - half, row + half, color="0.88", linewidth=0, zorder=1)
    # beside each other where their scores are alike
    shifts = ((numpy.arange(len(scores)) * _GOLDEN) % 1 - 0.5) * _HALF
    for mark in dict.fromkeys(marks):
        own = numpy.isfinite(scores) & numpy.array([one == mark for one in marks])
        look: dict[str, Any] = {"marker": mark.shape, "c": mark.colour, "edgecolors": "black"}
        axes.scatter(scores[own], row + shifts[own], s=13, linewidths=0.4, zorder=2, **look)


def _reference(
    axes: Axes, row: int, baseline: float, scores: numpy.ndarray, chosen: int | None
) -> None:
    if numpy.isfinite(baseline):
        axes.plot([baseline] * 2, [row - 0.44, row + 0.44], color="black", linewidth=2, zorder=3)
    if chosen is not None and numpy.isfinite(scores[chosen]):
        style: dict[str, Any] = {"marker": "*", "s": 130, "c": "none", "edgecolors": "black"}
        axes.scatter([scores[chosen]], [row], linewidths=1.1, zorder=4, **style)


def _columns(
    axes: Axes,
    names: Sequence[str],
    performance: numpy.ndarray,
    chosen: Sequence[int | None],
    width: float,
) -> None:
    for place, heading in enumerate(_COLUMNS):
        across = 1 + (_GAP + place * width) / _PLOT
        style: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center"}
        axes.text(across, -0.8, heading, fontsize=8, fontweight="bold", **style)
        for row in range(len(names)):
            own = chosen[row]
            found = (best_named(names, performance[:, row]), None if own is None else names[own])
            axes.text(across, row, found[place] or "–", fontsize=7, **style)


def _frame(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(labelsize=8)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="0.9")
    for row in range(1, len(names)):
        axes.axhline(row - 0.5, color="0.92", linewidth=0.6, zorder=0)
    axes.set_axisbelow(True)
    axes.margins(x=0.03)
    axes.set_xlabel("score of the target, points", fontsize=9)


def _legend(figure: Figure, marks: Mapping[str, Mark]) -> None:
    handles = [legend_handle(name, mark.shape, mark.colour) for name, mark in marks.items()]
    handles.append(legend_handle("chosen source", "*", "white", markersize=11))
    handles.append(legend_handle("no source", "|", "black", markersize=11, markeredgewidth=2))
    style: dict[str, Any] = {"fontsize": 8, "frameon": False, "ncol": 3}
    figure.legend(handles=handles, loc="lower center", **style)
