"""The heat map of dissociation: what masking the heads of one task leaves of another."""

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

from allennlp_heads.reports.dissociation_data import DissociationData
from allennlp_heads.reports.dissociation_results import Result
from allennlp_heads.reports.figures import DPI, LETTERS_PER_INCH, LINE, STYLE
from allennlp_heads.reports.markup import shorten

# inches
_CELL, _LETTER, _MARGIN, _PANEL_TITLE, _BELOW, _LEAST_WIDTH = 0.62, 0.075, 0.2, 0.55, 0.5, 4.6
_DARKEST = 0.85
"""Of grey, so that black numbers and frames stay apart from the cells."""


def dissociation_figure(data: DissociationData, found: Sequence[Result]) -> Figure:
    """
    A panel for each share of masked heads: rows are masks (the heads of each task, and random
    ones), columns the evaluated tasks. In the cells, in percent: relative performance, and small
    the score. The darker, the more is lost; a task's own mask is framed. Below each column D_i.

    # Returns

    `Figure`
        For `save_figure`.
    """
    columns = [shorten(task, 12) for task in data.tasks]
    rows = [*columns, "random"]
    side = _MARGIN + 0.5 + _LETTER * max(map(len, rows))
    upright = max(map(len, columns)) <= 7
    names = 0.0 if upright else _LETTER * max(map(len, columns))
    wide, high = len(columns) * _CELL, len(rows) * _CELL
    width = max(len(found) * (side + wide) + _MARGIN, _LEAST_WIDTH)
    lines = textwrap.wrap(_title(data), int(width * LETTERS_PER_INCH))
    top = _MARGIN + LINE * len(lines) + _PANEL_TITLE + names
    height = top + high + _BELOW
    lost = numpy.nan_to_num(numpy.concatenate([1 - _shown(result).ravel() for result in found]))
    most = max(float(lost.max()), 0.01)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), dpi=DPI)
        FigureCanvasAgg(figure)
        for place, result in enumerate(found):
            left = side + place * (side + wide)
            box = (left / width, 1 - (top + high) / height, wide / width, high / height)
            axes = figure.add_axes(box)
            _panel(axes, result, most)
            _ticks(axes, columns, rows, upright)
            masked = f"{result.masked} of {data.exists.sum()} heads masked"
            axes.set_title(f"{masked} (alpha {100 * result.alpha:g} %)", fontsize=9, pad=6)
            if place == 0:
                axes.set_ylabel("masked heads", fontsize=8)
        corner = {"va": "top", "fontsize": 10}
        figure.text(0.15 / width, 1 - 0.1 / height, "\n".join(lines), **corner)  # type: ignore[arg-type]
    return figure


def _title(data: DissociationData) -> str:
    runs = len(data.runs)
    return (
        "Relative performance of each task (columns) when the heads of a task (rows) are masked, "
        f"percent of the score with all heads; small: the score. Mean over {runs} "
        f"run{'' if runs == 1 else 's'}"
    )


def _shown(result: Result) -> numpy.ndarray:
    """Relative performance `[masks, tasks]`, random masks last."""
    return numpy.vstack([result.mean.rp, result.random_rp])


def _panel(axes: Axes, result: Result, most: float) -> None:
    shown = _shown(result)
    scores = numpy.vstack([result.own.mean(axis=0), result.random.mean(axis=(0, 1))])
    shades = numpy.nan_to_num(1 - shown) / most * _DARKEST
    axes.pcolormesh(shades, cmap="binary", vmin=0, vmax=1, edgecolors="0.5", linewidth=0.5)
    for (row, column), value in numpy.ndenumerate(shown):
        ink = "white" if shades[row, column] > 0.5 else "black"
        style: dict[str, Any] = {"ha": "center", "va": "center", "color": ink}
        text = "–" if numpy.isnan(value) else f"{100 * value:.1f}"
        axes.text(column + 0.5, row + 0.4, text, fontsize=8.5, **style)
        axes.text(column + 0.5, row + 0.73, f"{100 * scores[row, column]:.1f}", fontsize=6, **style)
        if row == column:
            frame = Rectangle((column + 0.05, row + 0.05), 0.9, 0.9, fill=False, lw=1.6)
            frame.set_edgecolor(ink)
            axes.add_patch(frame)
    last = len(shown)
    axes.axhline(last - 1, color="black", lw=1.2)
    for column, value in enumerate(result.mean.d.values()):
        text = "–" if numpy.isnan(value) else f"{value:.1f}"
        axes.text(column + 0.5, last + 0.3, text, ha="center", va="center", fontsize=8)
    axes.text(-0.12, last + 0.3, "$D_i$", ha="right", va="center", fontsize=8)


def _ticks(axes: Axes, columns: list[str], rows: list[str], upright: bool) -> None:
    axes.set_xticks(numpy.arange(len(columns)) + 0.5, columns, rotation=0 if upright else 90)
    axes.set_yticks(numpy.arange(len(rows)) + 0.5, rows)
    axes.tick_params(labelsize=8, length=0, top=True, labeltop=True, labelbottom=False)
    axes.set_xlim(0, len(columns))
    axes.set_ylim(len(rows), 0)
