"""Where the head of each label is, and how good: a dot a label, with its name beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from allennlp_heads.analysis.probing.result import LabelScore, ProbeResult
from allennlp_heads.reports.charts import chart
from allennlp_heads.reports.markup import shown_name
from allennlp_heads.reports.probing.names import chosen_where, explained, marks

_MOST, _LETTERS, _GROWTH, _TRIES = 60, 18, 1.15, 6
_FORCES: dict[str, Any] = {
    "force_text": (0.8, 1.0),
    "force_static": (0.3, 0.5),
    "expand": (1.05, 1.15),
    "max_move": (20, 20),
    "prevent_crossings": False,
    # rounds and not seconds, so that the picture does not depend on the machine's speed
    "iter_lim": 200,
    "arrowprops": {"arrowstyle": "-", "color": "0.6", "lw": 0.5},
}
"""Of adjustText; tried on crowds of up to 60 names, on which its own leave some overlaps."""
_NUDGE = 0.01
"""Share of the height between the first places of names of one dot."""
_WITHIN = 0.7
"""Share of a layer's width over which its heads lie side by side."""


def scatter_figure(task: str, result: ProbeResult) -> Figure:
    """
    Accuracy on the scored items over the layer of the label's head; within a layer the heads lie
    side by side. At most the 60 most frequent labels; names without letters stand in brackets. A
    hollow dot is a label with few items, and ‡ marks a label that had no say in its head. The
    picture grows until no name hides another.
    """
    shown = [score for score in result.labels if not numpy.isnan(score.accuracy)][:_MOST]
    shape = result.exists.shape
    width = max(6.0, 1.4 + 0.55 * shape[0])
    height = max(4.0, 0.4 * width)
    for _ in range(_TRIES):
        figure, texts = _drawn(_title(task, shown, result), shown, shape, (width, height))
        if not overlapping(texts):
            break
        width, height = width * _GROWTH, height * _GROWTH
    return figure


def overlapping(texts: Sequence[Text]) -> bool:
    """Whether one of the texts of a figure hides a part of another."""
    boxes = [text.get_window_extent() for text in texts]
    return any(one.overlaps(other) for one, other in combinations(boxes, 2))


def _title(task: str, shown: list[LabelScore], result: ProbeResult) -> str:
    title = f"{task}: accuracy of each label's head, {chosen_where(result)}, by layer"
    title += " and, within a layer, by head"
    if len(shown) < len(result.labels):
        title += f"; the {len(shown)} most frequent of {len(result.labels)} labels"
    title += "; hollow: few items" * any(score.rare for score in shown)
    return title + explained(shown, rare=False)


def _drawn(
    title: str, shown: list[LabelScore], shape: tuple[int, ...], size: tuple[float, float]
) -> tuple[Figure, list[Text]]:
    layers, heads = shape
    figure, axes = chart(*size, title)
    x = numpy.array([_place(score, heads) for score in shown])
    y = numpy.array([100 * score.accuracy for score in shown])
    fill = ["white" if score.rare else "black" for score in shown]
    dots = axes.scatter(x, y, s=16, c=fill, edgecolors="black", linewidths=0.8, zorder=3)
    for edge in range(1, layers):
        axes.axvline(edge + 0.5, color="0.88", lw=0.8, zorder=0)
    axes.set_xlim(0.5, layers + 0.5)
    axes.set_xticks(range(1, layers + 1))
    axes.tick_params(axis="x", length=0)
    room = 6 if not len(y) else max(6.0, 0.12 * float(y.max() - y.min()))
    axes.set_ylim(*((0, 100) if not len(y) else (y.min() - room, y.max() + room)))
    axes.yaxis.grid(color="0.9")
    axes.set_axisbelow(True)
    axes.set_xlabel("layer")
    axes.set_ylabel("accuracy, %")
    names = [shown_name(score.label, _LETTERS) + marks(score, rare=False) for score in shown]
    # names that begin in one place would not know which way to part
    nudges = _NUDGE * (axes.get_ylim()[1] - axes.get_ylim()[0]) * _repeats(x, y)
    starts = zip(x, y + nudges, names)
    texts = [axes.text(left, up, name, fontsize=7) for left, up, name in starts]
    figure.canvas.draw()
    # the room that the layout gave the axes must stay, or the names would lie elsewhere
    figure.set_layout_engine("none")
    _apart(axes, texts, dots, x, y)
    return figure, texts


def _place(score: LabelScore, heads: int) -> float:
    return score.layer + 1 + _WITHIN * ((score.head + 0.5) / heads - 0.5)


def _repeats(x: numpy.ndarray, y: numpy.ndarray) -> numpy.ndarray:
    """How many earlier points are in the place of each."""
    seen: Counter[tuple[float, float]] = Counter()
    found = []
    for place in zip(x.tolist(), y.tolist()):
        found.append(seen[place])
        seen[place] += 1
    return numpy.array(found, dtype=float)


def _apart(
    axes: Axes, texts: list[Text], dots: PathCollection, x: numpy.ndarray, y: numpy.ndarray
) -> None:
    # here, since it loads pyplot, which nothing else needs
    from adjustText import adjust_text

    if texts:
        adjust_text(texts, target_x=x, target_y=y, objects=dots, ax=axes, **_FORCES)
