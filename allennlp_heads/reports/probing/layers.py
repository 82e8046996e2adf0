"""The best head of each layer, a line a label."""

from __future__ import annotations

import numpy
from matplotlib.figure import Figure

from allennlp_heads.analysis.probing.result import ProbeResult
from allennlp_heads.reports.charts import beside, chart, line_style
from allennlp_heads.reports.probing.names import chosen_where, shown_name

_MOST = 10


def layers_figure(task: str, result: ProbeResult) -> Figure:
    """
    The ten most frequent labels by layer: the accuracy of the layer's best head. That head is found
    on the scored items themselves, so the lines lie a little high; the black mark is the label's
    head chosen on other data.
    """
    layers = result.exists.shape[0]
    shown = min(_MOST, len(result.labels))
    which = f"the {shown} most frequent labels" if len(result.labels) > shown else "all labels"
    title = (
        f"{task}: accuracy of each layer's best head, found on the scored items, for {which}; "
        f"black: the label's head, {chosen_where(result)}"
    )
    height = max(2.6, 0.9 + 0.2 * shown)
    figure, axes = chart(max(6.4, 2.4 + 0.3 * layers), height, title)
    best = numpy.where(result.exists, numpy.nan_to_num(result.accuracy, nan=-1.0), -1.0).max(axis=2)
    best = numpy.where(best < 0, numpy.nan, best)
    for place, score in enumerate(result.labels[:shown]):
        style = line_style(place)
        name = shown_name(score.label, 20) + (" †" if score.rare else "")
        axes.plot(numpy.arange(layers) + 1, 100 * best[place], label=name, **style)
        style |= {"markerfacecolor": "black", "color": "black", "linestyle": "none", "zorder": 4}
        axes.plot([score.layer + 1], [100 * score.accuracy], **style)
    axes.set_xlim(0.6, layers + 0.4)
    axes.set_xticks(range(1, layers + 1))
    axes.set_ylim(-2, 102)
    axes.grid(color="0.9")
    axes.set_axisbelow(True)
    axes.set_xlabel("layer")
    axes.set_ylabel("accuracy, %")
    beside(axes)
    return figure
