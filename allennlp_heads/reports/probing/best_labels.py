"""Which label each head does better than the other heads do."""

from __future__ import annotations

from typing import Any

import matplotlib
import numpy
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from allennlp_heads.analysis.probing.result import LabelScore, ProbeResult
from allennlp_heads.reports.figures import STYLE, head_grid
from allennlp_heads.reports.markup import percent, shown_name
from allennlp_heads.reports.probing.names import chosen_where, explained, marks

_CELL = (0.62, 0.36)
_SIZES = ((8, 6.5), (11, 5.2))
"""Letters up to which a name has this size; longer ones are cut."""


def best_labels_figure(task: str, result: ProbeResult) -> Figure:
    """
    In each cell the label in which the head is furthest above the mean of all heads, and its
    accuracy in percent: by the highest accuracy alone, one easy label such as `root` would fill
    most cells. Heads above the mean in no label have none; rare labels count only where there are
    no others. Where a cell's label chose this very head, on other data, it is framed.
    """
    frequent = [place for place, score in enumerate(result.labels) if not score.rare]
    places = numpy.array(frequent or range(len(result.labels)))
    ahead = _ahead(result)[places]
    best, named = places[ahead.argmax(axis=0)], ahead.max(axis=0) > 0
    scores = {
        (int(layer), int(head)): result.labels[best[layer, head]]
        for layer, head in numpy.argwhere(named)
    }
    framed = [score for place, score in scores.items() if _is_own(score, place)]
    title = _title(task, result, len(places), framed)
    title += "; empty: in none" * bool((result.exists & ~named).any())
    grid = head_grid(result.exists, title, 0.2, 0, _CELL)
    with matplotlib.rc_context(STYLE):
        for layer, head in numpy.argwhere(result.exists):
            score = scores.get((int(layer), int(head)))
            value = float(result.accuracy[best[layer, head], layer, head]) if score else 0.0
            grey, ink = str(1 - value), "white" if value > 0.5 else "black"
            cell: dict[str, Any] = {"facecolor": grey, "edgecolor": "0.5", "lw": 0.5}
            grid.axes.add_patch(Rectangle((head, layer), 1, 1, **cell))
            if score is None:
                continue
            own = _is_own(score, (layer, head))
            mark = marks(score, rare=False) if own else ""
            name = shown_name(score.label, _SIZES[-1][0] - len(mark)) + mark
            size = next(size for letters, size in _SIZES if len(name) <= letters)
            middle: dict[str, Any] = {"ha": "center", "va": "center", "color": ink}
            grid.axes.text(head + 0.5, layer + 0.33, name, fontsize=size, **middle)
            grid.axes.text(head + 0.5, layer + 0.72, percent(value), fontsize=6, **middle)
            if own:
                inner = (head + 0.04, layer + 0.07)
                frame = Rectangle(inner, 0.92, 0.86, fill=False, lw=1.2, ec=ink)
                grid.axes.add_patch(frame)
    return grid.figure


def _ahead(result: ProbeResult) -> numpy.ndarray:
    """`[labels, layers, heads]`: how far each head is above the mean of all; -1 without a head."""
    values = numpy.where(result.exists, numpy.nan_to_num(result.accuracy), 0.0)
    means = values.sum(axis=(1, 2), keepdims=True) / result.exists.sum()
    return numpy.where(result.exists, values - means, -1.0)


def _is_own(score: LabelScore, place: tuple[int, int]) -> bool:
    return (score.layer, score.head) == place


def _title(task: str, result: ProbeResult, labels: int, framed: list[LabelScore]) -> str:
    title = f"{task}: the label in which each head is furthest above the mean of all heads"
    rare = len(result.labels) - labels
    title += f", of {labels} labels" + (f" ({rare} rare ones left out)" if rare else "")
    title += f", and its accuracy in percent; framed: the label's head, {chosen_where(result)}"
    return title + explained(framed, rare=False)
