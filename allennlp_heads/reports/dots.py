"""Scores as dots: a panel a task, a line a system, a ring a run."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from allennlp_heads.reports.figures import DPI, STYLE
from allennlp_heads.reports.markup import shown_name

# inches
_LINE, _FRAME, _PANEL, _WIDEST, _LETTER, _RIGHT = 0.27, 1.15, 1.75, 3.2, 0.075, 0.2
_LEAST_WIDTH, _LETTERS = 5.0, 40
_MARGIN, _LEAST_SHARE, _EQUAL_SHARE, _LEAST_ROOM = 0.12, 0.0005, 0.01, 0.001


class Panel(NamedTuple):
    """
    # Parameters

    title : `str`
    metric : `str`
        Smaller, below the title; may be empty.
    scores : `Mapping[str, Sequence[float]]`
        Line -> the scores of its runs; lines without one stay empty.
    dashed : `str`, optional
        The line whose mean crosses the whole panel.
    """

    title: str
    metric: str
    scores: Mapping[str, Sequence[float]]
    dashed: str | None


def dots_figure(panels: Sequence[Panel], lines: Sequence[str], caption: str) -> Figure:
    """
    # Parameters

    panels : `Sequence[Panel]`
        From left to right, each with an axis of its own.
    lines : `Sequence[str]`
        From top to bottom; long names are cut.
    caption : `str`
        Below all panels.

    # Returns

    `Figure`
        For `save_figure`; its size follows from the numbers of panels and lines.
    """
    names = [_shown(line, _LETTERS) for line in lines]
    room = _LETTER * max(map(len, names)) + _RIGHT
    wide = min(max(_PANEL, (_LEAST_WIDTH - room) / len(panels)), _WIDEST)
    size = (room + wide * len(panels), _FRAME + _LINE * len(lines))
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=size, dpi=DPI, layout="constrained")
        FigureCanvasAgg(figure)
        found = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for panel, axes in zip(panels, found, strict=True):
            _panel(axes, panel, lines)
        found[0].set_yticks(range(len(lines)), names, fontsize=9)
        found[0].set_ylim(len(lines) - 0.5, -0.5)
        figure.supxlabel(caption, fontsize=9)
    return figure


def _panel(axes: Axes, panel: Panel, lines: Sequence[str]) -> None:
    title = [_shown(text, _LETTERS // 2) for text in (panel.title, panel.metric) if text]
    axes.set_title("\n".join(title), fontsize=9)
    axes.grid(axis="y", color="0.9")
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=7)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.set_xlim(_limits([score for scores in panel.scores.values() for score in scores]))
    for place, line in enumerate(lines):
        scores = list(panel.scores.get(line, ()))
        if not scores:
            continue
        mean = statistics.fmean(scores)
        if line == panel.dashed:
            axes.axvline(mean, color="0.5", linestyle="--", linewidth=0.8, zorder=1)
        axes.plot([mean], [place], "|", color="black", markersize=11, markeredgewidth=2)
        axes.plot(
            scores, [place] * len(scores), "o", mfc="none", mec="0.35", markersize=5, clip_on=False
        )


def _shown(name: str, letters: int) -> str:
    return shown_name(" ".join(name.split()), letters)


def _limits(scores: Sequence[float]) -> tuple[float, float]:
    """A margin at both ends, and a scale that shows where all scores are one number."""
    low, high = min(scores, default=0.0), max(scores, default=1.0)
    if math.isclose(low, high):
        room = max(_EQUAL_SHARE * abs(low), _LEAST_ROOM)
        return low - room, high + room
    room = max(_MARGIN * (high - low), _LEAST_SHARE * max(abs(low), abs(high)), _LEAST_ROOM)
    return low - room, high + room
