"""A small map of the heads for each label, all on one sheet."""

from __future__ import annotations

import textwrap
from typing import Any

import matplotlib
import numpy
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from allennlp_heads.analysis.probing.result import LabelScore, ProbeResult
from allennlp_heads.reports.figures import DPI, LETTERS_PER_INCH, LINE, STYLE
from allennlp_heads.reports.markup import percent, shown_name
from allennlp_heads.reports.probing.names import chosen_where, explained, marks
from allennlp_heads.reports.probing.tables import head_name

# inches
_LEFT, _RIGHT, _TOP, _BOTTOM = 0.5, 0.75, 0.2, 0.4
_PANEL, _LEAST_PANEL, _CELLS, _GAP, _CAPTION = 1.35, 1.0, (0.07, 0.15), 0.16, 0.42
_BAR, _LONGEST_BAR, _WIDEST, _LETTERS = 0.12, 1.6, 10.5, 15


def sheet_figure(task: str, result: ProbeResult) -> Figure:
    """
    A panel for each label, the most frequent first: layers downward, heads across, from white (0)
    to black (1). The label's head, chosen on other data, is framed; above the panel stand its
    accuracy, its place and the number of scored items. Heads that are not there are hatched.
    """
    layers, heads = result.exists.shape
    cell = float(numpy.clip(_PANEL / heads, *_CELLS))
    wide, high = heads * cell, layers * cell
    step = max(wide, _LEAST_PANEL) + _GAP, high + _CAPTION
    labels = len(result.labels)
    most = max(1, int((_WIDEST - _LEFT - _RIGHT) / step[0]))
    columns = min(labels, most)
    rows = -(-labels // columns)
    width = max(_LEFT + columns * step[0] + _RIGHT, 4.0)
    lines = _wrapped(_title(task, result), int(width * LETTERS_PER_INCH))
    top = _TOP + LINE * len(lines)
    height = top + rows * step[1] + _BOTTOM
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), dpi=DPI)
        FigureCanvasAgg(figure)
        for place, score in enumerate(result.labels):
            row, column = divmod(place, columns)
            left, upper = _LEFT + column * step[0], top + row * step[1] + _CAPTION
            box = (left / width, 1 - (upper + high) / height, wide / width, high / height)
            axes = figure.add_axes(box)
            image = _panel(axes, result, place)
            _ticks(axes, layers, heads, column == 0, place + columns >= labels)
            axes.text(0, 1 + 0.05 / high, _caption(score), transform=axes.transAxes, fontsize=6.5)
        length = min(_LONGEST_BAR, max(high, 0.9))
        left, upper = _LEFT + columns * step[0] + 0.05, top + _CAPTION
        box = (left / width, 1 - (upper + length) / height, _BAR / width, length / height)
        bar = figure.add_axes(box)
        figure.colorbar(image, cax=bar, ticks=[0, 0.5, 1])
        bar.tick_params(labelsize=7)
        bar.set_ylabel("accuracy", fontsize=7)
        corner = 0.15 / width, 1 - 0.1 / height
        figure.text(*corner, "\n".join(lines), va="top", fontsize=10)
        if not result.exists.all():
            corner = 0.15 / width, 0.05 / height
            figure.text(*corner, "hatched: no such head", va="bottom", fontsize=7)
    return figure


def _wrapped(title: str, letters: int) -> list[str]:
    """As few lines as need be, and these about equally long."""
    lines = len(textwrap.wrap(title, letters))
    widths = range(letters // 2, letters)
    fitting = (textwrap.wrap(title, width) for width in widths)
    return next((found for found in fitting if len(found) == lines), textwrap.wrap(title, letters))


def _title(task: str, result: ProbeResult) -> str:
    title = (
        f"{task}: accuracy of every head (layers downward, heads across) for each label; framed: "
        f"the label's head, {chosen_where(result)}"
    )
    return title + explained(result.labels)


def _caption(score: LabelScore) -> str:
    name = shown_name(score.label, _LETTERS - len(marks(score))) + marks(score)
    place = head_name(score.layer, score.head)
    return f"{name}\n{percent(score.accuracy)} %, {place}, n = {score.count:,}"


def _panel(axes: Axes, result: ProbeResult, place: int) -> matplotlib.image.AxesImage:
    layers, heads = result.exists.shape
    values = numpy.ma.masked_array(result.accuracy[place], ~result.exists)
    image = axes.imshow(
        values,
        cmap="binary",
        vmin=0,
        vmax=1,
        aspect="auto",
        interpolation="nearest",
        extent=(0, heads, layers, 0),
    )
    for layer, head in numpy.argwhere(~result.exists):
        hatch: dict[str, Any] = {"facecolor": "white", "edgecolor": "0.4", "hatch": "///////"}
        axes.add_patch(Rectangle((head, layer), 1, 1, lw=0, **hatch))
    score = result.labels[place]
    for width, ink in ((2.2, "white"), (1.0, "black")):
        axes.add_patch(
            Rectangle((score.head, score.layer), 1, 1, fill=False, lw=width, ec=ink, clip_on=False)
        )
    return image


def _ticks(axes: Axes, layers: int, heads: int, left: bool, below: bool) -> None:
    """Numbers of the first and last layer and head, in the outer panels alone."""
    for axis, length, shown in ((axes.xaxis, heads, below), (axes.yaxis, layers, left)):
        ends = sorted({0, length - 1})
        axis.set_ticks([end + 0.5 for end in ends], [str(end + 1) for end in ends])
        axis.set_tick_params(length=0, labelsize=6, pad=1.5)
        if not shown:
            axis.set_ticklabels([])
    if below:
        axes.set_xlabel("head", fontsize=6, labelpad=0)
    if left:
        axes.set_ylabel("layer", fontsize=6, labelpad=0)
    for side in axes.spines.values():
        side.set_linewidth(0.5)
        side.set_edgecolor("0.5")
