"""The best head of each layer, a line a label."""

from __future__ import annotations

import numpy
from matplotlib.figure import Figure

from allennlp_heads.analysis.probing.result import ProbeResult
from allennlp_heads.reports.charts import chart, line_style
from allennlp_heads.reports.markup import shown_name
from allennlp_heads.reports.probing.line_names import name_lines
from allennlp_heads.reports.probing.names import chosen_where, explained, marks

_MOST = 8


def layers_figure(task: str, result: ProbeResult) -> Figure:
    """
    The eight most frequent labels by layer: the accuracy of the layer's best head. That head is
    found on the scored items themselves, so the lines lie a little high; the black mark is the
    label's head chosen on other data.
    """
    layers = result.exists.shape[0]
    scores = result.labels[:_MOST]
    which = "all labels" if len(scores) == len(result.labels) else f"{_MOST} most frequent labels"
    title = (
        f"{task}: accuracy by layer, {which}. White marks: the layer's best head, found on the "
        f"scored items; black: the label's head, {chosen_where(result)}"
    )
    height = max(2.8, 1.3 + 0.2 * len(scores))
    size = max(6.4, 2.4 + 0.3 * layers), height
    figure, axes = chart(*size, title + explained(scores))
    best = numpy.where(result.exists, numpy.nan_to_num(result.accuracy, nan=-1.0), -1.0).max(axis=2)
    best = numpy.where(best < 0, numpy.nan, best)
    lines = []
    for place, score in enumerate(scores):
        style = line_style(place)
        lines += axes.plot(numpy.arange(layers) + 1, 100 * best[place], **style)
        style |= {"markerfacecolor": "black", "color": "black", "linestyle": "none", "zorder": 4}
        axes.plot([score.layer + 1], [100 * score.accuracy], **style)
    axes.set_xlim(0.6, layers + 0.2)
    axes.set_xticks(range(1, layers + 1))
    axes.set_ylim(-2, 102)
    axes.grid(color="0.9")
    axes.set_axisbelow(True)
    axes.set_xlabel("layer")
    axes.set_ylabel("accuracy, %")
    name_lines(axes, lines, [shown_name(score.label, 20) + marks(score) for score in scores])
    return figure
