"""Which label each head does best."""

from __future__ import annotations

from typing import Any

import matplotlib
import numpy
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from allennlp_heads.analysis.probing.result import ProbeResult
from allennlp_heads.reports.figures import STYLE, head_grid
from allennlp_heads.reports.markup import percent
from allennlp_heads.reports.probing.names import chosen_where, shown_name

_CELL = (0.62, 0.36)
_SIZES = ((8, 6.5), (11, 5.2))
"""Letters up to which a name has this size; longer ones are cut."""


def best_labels_figure(task: str, result: ProbeResult) -> Figure:
    """
    In each cell the label that the head does best, and how well, in percent; rare labels count
    only where there are no others. Where a cell's label chose this very head, on other data, it is
    framed.
    """
    frequent = [place for place, score in enumerate(result.labels) if not score.rare]
    places = numpy.array(frequent or range(len(result.labels)))
    values = numpy.nan_to_num(result.accuracy[places], nan=-1.0)
    best, highest = places[values.argmax(axis=0)], values.max(axis=0)
    rare = len(result.labels) - len(places)
    title = (
        f"{task}: the label that each head does best, of {len(places)} labels"
        + (f" ({rare} rare ones left out)" if rare else "")
        + f", and its accuracy in percent; framed: the head {chosen_where(result)}"
    )
    grid = head_grid(result.exists, title, 0.2, 0, _CELL)
    with matplotlib.rc_context(STYLE):
        for layer, head in numpy.argwhere(result.exists):
            place, value = best[layer, head], float(highest[layer, head])
            grey, ink = str(1 - max(value, 0)), "white" if value > 0.5 else "black"
            cell: dict[str, Any] = {"facecolor": grey, "edgecolor": "0.5", "lw": 0.5}
            grid.axes.add_patch(Rectangle((head, layer), 1, 1, **cell))
            score = result.labels[place]
            name = shown_name(score.label, _SIZES[-1][0])
            size = next(size for letters, size in _SIZES if len(name) <= letters)
            middle: dict[str, Any] = {"ha": "center", "va": "center", "color": ink}
            grid.axes.text(head + 0.5, layer + 0.33, name, fontsize=size, **middle)
            grid.axes.text(head + 0.5, layer + 0.72, percent(value), fontsize=6, **middle)
            if (score.layer, score.head) == (layer, head):
                inner = (head + 0.04, layer + 0.07)
                frame = Rectangle(inner, 0.92, 0.86, fill=False, lw=1.2, ec=ink)
                grid.axes.add_patch(frame)
    return grid.figure
