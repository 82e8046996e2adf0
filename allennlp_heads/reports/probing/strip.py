"""What training does to each label: a column of dashes for each group of runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from allennlp_heads.analysis.probing.paired_probes import GroupScore, ProbeComparison
from allennlp_heads.reports.charts import chart
from allennlp_heads.reports.figures import DPI
from allennlp_heads.reports.markup import shorten, shown_name

LEVEL = 0.05
"""Of the tests that make a dash black, after Holm's adjustment."""

_COLUMN, _MARGIN, _LEAST_WIDTH = 1.8, 1.1, 5.0
_LEAST_HEIGHT, _AROUND, _TALLEST = 4.6, 0.9, 10.0
_WHOLE, _MIDDLE, _NAME_AT, _LONGEST, _SHORTEST = -0.41, -0.1, 0.17, 0.4, 0.05
_RIGHT = 0.62
"""Room for the names of the last column, from its middle."""
_NAMED, _LETTERS, _NAME_SIZE = 12, 12, 6.5
_APART = 1.3
"""Lines of text from one name to the next."""
_OF_ZERO = 0.65
"""Lines of text from the line of no difference to the middle of a name."""
_DASH, _HOLLOW = 2.4, 1.2
_BEHIND_TEXT = {"facecolor": "white", "edgecolor": "none", "pad": 0.4}


def strip_figure(task: str, found: ProbeComparison) -> Figure:
    """
    A column for each group but the reference. A dash is a label: its height is the difference to
    the reference in points of accuracy, its length grows with the root of the label's frequency. It
    is black where the paired test sees a difference after Holm's adjustment, grey elsewhere, and
    hollow where the label has few items. Named are the black ones and the twelve most frequent
    labels; the picture grows with the names, and where even the tallest one has no room for all,
    the least frequent go, first those of grey dashes. A diamond with its 95% interval is the
    difference over all items.
    """
    groups = [name for name in found.by_label if name != found.reference]
    columns = [numpy.array([_points(score) for score in found.by_label[name]]) for name in groups]
    width = max(_MARGIN + _COLUMN * (len(groups) + _RIGHT - 0.5), _LEAST_WIDTH)
    most = max((len(_named(found, name)) for name in groups), default=0)
    height = min(max(_LEAST_HEIGHT, _AROUND + (most + 3) * _gap()), _TALLEST)
    figure, axes = chart(width, height, _title(task, found))
    axes.axhline(0, color="0.3", linestyle="--", linewidth=1, zorder=1)
    axes.set_xlim(-0.5, len(groups) - 1 + _RIGHT)
    axes.set_xticks(range(len(groups)), [shorten(name, 16) for name in groups])
    axes.tick_params(axis="x", length=0)
    axes.yaxis.grid(color="0.92")
    axes.set_axisbelow(True)
    axes.set_ylabel(f"difference to {shorten(found.reference, 16)}, points")
    _limits(axes, [*columns, *(_whole(found, name) for name in groups)])
    figure.canvas.draw()
    for place, name in enumerate(groups):
        _dashes(axes, place, columns[place], found, name)
        _names(axes, place, columns[place], found, name)
        middle, low, high = _whole(found, name)
        axes.plot([place + _WHOLE] * 2, [low, high], color="black", linewidth=1)
        axes.plot(place + _WHOLE, middle, "D", color="black", markersize=4.5)
    return figure


def _title(task: str, found: ProbeComparison) -> str:
    hollow = "hollow: few items; " if any(found.rare) else ""
    return (
        f"{task}: accuracy of each label's head against {found.reference}; dashes: labels, longer "
        f"ones more frequent, black where the difference is significant (p < {LEVEL} after Holm); "
        f"{hollow}diamonds: all items, with 95 % intervals"
    )


def _points(score: GroupScore) -> float:
    return numpy.nan if score.against is None else 100 * score.against.difference


def _is_sure(score: GroupScore) -> bool:
    test = score.against
    return test is not None and test.adjusted is not None and test.adjusted < LEVEL


def _whole(found: ProbeComparison, name: str) -> numpy.ndarray:
    """Difference over all items and its interval, in points."""
    test = found.overall[name]["weighted"].against
    if test is None:
        return numpy.full(3, numpy.nan)
    return 100 * numpy.array([test.difference, test.low, test.high])


def _limits(axes: Axes, values: Sequence[numpy.ndarray]) -> None:
    known = numpy.concatenate([*values, [0.0]])
    known = known[numpy.isfinite(known)]
    room = max(1.0, 0.06 * float(known.max() - known.min()))
    axes.set_ylim(known.min() - room, known.max() + room)


def _lengths(found: ProbeComparison) -> numpy.ndarray:
    shares = numpy.sqrt(numpy.array(found.counts) / max(found.counts))
    return numpy.maximum(_LONGEST * shares, _SHORTEST)


def _dashes(
    axes: Axes, place: int, values: numpy.ndarray, found: ProbeComparison, name: str
) -> None:
    middle = place + _MIDDLE
    inside = (_DASH - _HOLLOW) / 2 / 72 / _COLUMN
    scores = found.by_label[name]
    for value, length, score, rare in zip(values, _lengths(found), scores, found.rare):
        ends = numpy.array([middle - length / 2, middle + length / 2])
        ink, order = ("black", 3) if _is_sure(score) else ("0.62", 2)
        style: dict[str, Any] = {"solid_capstyle": "butt", "zorder": order}
        axes.plot(ends, [value, value], color=ink, lw=_DASH, **style)
        if rare:
            ends += [inside, -inside]
            axes.plot(ends, [value, value], color="white", lw=_HOLLOW, **style)


def _named(found: ProbeComparison, name: str) -> list[int]:
    """Labels to name, the most important first: those of black dashes, then frequent ones."""
    scores = found.by_label[name]
    frequent = [place for place, score in enumerate(scores) if score.against is not None]
    sure = [place for place in frequent if _is_sure(scores[place])]
    return sure + [place for place in frequent[:_NAMED] if place not in sure]


def _gap() -> float:
    """Inches from one name to the next."""
    return _APART * _NAME_SIZE / 72


def _names(
    axes: Axes, place: int, values: numpy.ndarray, found: ProbeComparison, name: str
) -> None:
    """At the right of their dashes, one below the other, none on the line of no difference."""
    low, high = axes.get_ylim()
    gap = _gap() * (high - low) / (axes.get_window_extent().height / DPI)
    named = _named(found, name)[: math.floor((high - low) / gap) - 2]
    named.sort(key=lambda label: values[label])
    heights = _beside_zero(values[named], gap, low + gap, high - 0.75 * gap)
    for label, height, length in zip(named, heights, _lengths(found)[named]):
        ends = [place + _MIDDLE + length / 2, place + _NAME_AT - 0.06, place + _NAME_AT - 0.01]
        line = [values[label], values[label], height]
        axes.plot(ends, line, color="0.75", linewidth=0.5, zorder=1)
        axes.text(
            place + _NAME_AT,
            height,
            shown_name(found.labels[label], _LETTERS),
            fontsize=_NAME_SIZE,
            va="center",
            ha="left",
            color="black" if _is_sure(found.by_label[name][label]) else "0.4",
            bbox=_BEHIND_TEXT,
        )


def _beside_zero(values: numpy.ndarray, gap: float, low: float, high: float) -> numpy.ndarray:
    """As `_spread`, but none near 0, as long as there is room for that."""
    clear = _OF_ZERO * gap
    found = []
    for below in range(len(values) + 1):
        lower = _spread(values[:below], gap, low, -clear)
        upper = _spread(values[below:], gap, clear, high)
        if numpy.all(lower <= -clear) and numpy.all(upper <= high):
            found.append(numpy.concatenate([lower, upper]))
    if not found:
        return _spread(values, gap, low, high)
    return min(found, key=lambda heights: float(numpy.abs(heights - values).sum()))


def _spread(values: numpy.ndarray, gap: float, low: float, high: float) -> numpy.ndarray:
    """
    Ascending heights at least `gap` apart, as near to ascending `values` as that can be (least
    squares), in the range where they fit.
    """
    number = len(values)
    steps = gap * numpy.arange(number)
    # heights less their steps only must not fall: the isotonic regression by its max-min formula
    sums = numpy.concatenate([[0.0], numpy.cumsum(values - steps)])
    first, last = numpy.indices((number, number))
    means = (sums[last + 1] - sums[first]) / numpy.maximum(last - first + 1, 1)
    means[last < first] = numpy.inf
    least = numpy.minimum.accumulate(means[:, ::-1], axis=1)[:, ::-1]
    least[last < first] = -numpy.inf
    rising = least.max(axis=0, initial=-numpy.inf)
    return numpy.maximum(numpy.minimum(rising, high - gap * (number - 1)), low) + steps
