"""What training does to each label: a column of dashes for each group of runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from allennlp_heads.analysis.probing.paired_probes import GroupScore, ProbeComparison
from allennlp_heads.reports.charts import chart
from allennlp_heads.reports.figures import DPI
from allennlp_heads.reports.matrix_figure import shorten
from allennlp_heads.reports.probing.names import shown_name

LEVEL = 0.05
"""Of the tests that make a dash black, after Holm's adjustment."""

_COLUMN, _MARGIN, _LEAST_WIDTH, _HEIGHT = 1.5, 1.1, 5.0, 4.6
_WHOLE, _MIDDLE, _NAME_AT, _LONGEST, _SHORTEST = -0.38, -0.05, 0.26, 0.42, 0.05
_NAMED, _NAME_SIZE = 12, 6.5
_APART = 1.25
"""Lines of text from one name to the next."""


def strip_figure(task: str, found: ProbeComparison) -> Figure:
    """
    A column for each group but the reference. A dash is a label: its height is the difference to
    the reference in points of accuracy, its length grows with the root of the label's frequency. It
    is black where the paired test sees a difference after Holm's adjustment, and grey elsewhere.
    The twelve most frequent labels are named. A diamond with its 95% interval is the difference
    over all items.
    """
    groups = [name for name in found.by_label if name != found.reference]
    columns = [numpy.array([_points(score) for score in found.by_label[name]]) for name in groups]
    width = max(_MARGIN + _COLUMN * len(groups), _LEAST_WIDTH)
    figure, axes = chart(width, _HEIGHT, _title(task, found))
    axes.axhline(0, color="0.3", linestyle="--", linewidth=1, zorder=1)
    axes.set_xlim(-0.5, len(groups) - 0.5)
    axes.set_xticks(range(len(groups)), [shorten(name, 16) for name in groups])
    axes.tick_params(axis="x", length=0)
    axes.yaxis.grid(color="0.92")
    axes.set_axisbelow(True)
    axes.set_ylabel(f"difference to {shorten(found.reference, 16)}, points")
    _limits(axes, [*columns, *(_whole(found, name) for name in groups)])
    figure.canvas.draw()
    for place, name in enumerate(groups):
        _dashes(axes, place, columns[place], found, name)
        _names(axes, place, columns[place], found)
        middle, low, high = _whole(found, name)
        axes.plot([place + _WHOLE] * 2, [low, high], color="black", linewidth=1)
        axes.plot(place + _WHOLE, middle, "D", color="black", markersize=4.5)
    return figure


def _title(task: str, found: ProbeComparison) -> str:
    return (
        f"{task}: accuracy of each label's head against {found.reference}; dashes: labels, longer "
        f"ones more frequent, black where the difference is significant (p < {LEVEL} after Holm); "
        "diamonds: all items, with 95 % intervals"
    )


def _points(score: GroupScore) -> float:
    return numpy.nan if score.against is None else 100 * score.against.difference


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
    for value, length, score in zip(values, _lengths(found), found.by_label[name]):
        test = score.against
        sure = test is not None and test.adjusted is not None and test.adjusted < LEVEL
        ends = [middle - length / 2, middle + length / 2]
        ink, order = ("black", 3) if sure else ("0.62", 2)
        axes.plot(ends, [value, value], color=ink, lw=2, solid_capstyle="butt", zorder=order)


def _names(axes: Axes, place: int, values: numpy.ndarray, found: ProbeComparison) -> None:
    """The most frequent labels at the right of their dashes, one below the other."""
    named = [label for label in range(len(values)) if numpy.isfinite(values[label])][:_NAMED]
    named.sort(key=lambda label: values[label])
    low, high = axes.get_ylim()
    inches = axes.get_window_extent().height / DPI
    gap = _APART * _NAME_SIZE / 72 * (high - low) / inches
    heights = _spread(values[named], gap, low + gap, high - gap / 2)
    for label, height, length in zip(named, heights, _lengths(found)[named]):
        ends = [place + _MIDDLE + length / 2, place + _NAME_AT - 0.06, place + _NAME_AT - 0.01]
        line = [values[label], values[label], height]
        axes.plot(ends, line, color="0.75", linewidth=0.5, zorder=1)
        text = shown_name(found.labels[label], 10)
        axes.text(place + _NAME_AT, height, text, fontsize=_NAME_SIZE, va="center", ha="left")


def _spread(values: numpy.ndarray, gap: float, low: float, high: float) -> numpy.ndarray:
    """
    Ascending heights at least `gap` apart, near ascending `values`, in the range where they fit.
    """
    steps = gap * numpy.arange(len(values))
    # pushed up only, and pushed down only; between the two the gaps are kept
    up = numpy.maximum.accumulate(values - steps) + steps
    down = numpy.minimum.accumulate((values - steps)[::-1])[::-1] + steps
    heights = (up + down) / 2
    heights = numpy.minimum(heights, high - steps[::-1])
    return numpy.maximum(heights, low + steps)
