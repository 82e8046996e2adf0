"""All pictures of one probe."""

from __future__ import annotations

import numpy
from matplotlib.figure import Figure

from allennlp_heads.analysis.probing.result import ProbeResult
from allennlp_heads.reports.figures import head_map
from allennlp_heads.reports.markup import percent
from allennlp_heads.reports.probing.best_labels import best_labels_figure
from allennlp_heads.reports.probing.layers import layers_figure
from allennlp_heads.reports.probing.scatter import scatter_figure
from allennlp_heads.reports.probing.sheet import sheet_figure


def probe_figures(task: str, result: ProbeResult) -> dict[str, Figure]:
    """
    # Returns

    `Dict[str, Figure]`
        `heads`: a map of the heads for each label. `mean`: their mean, weighted by frequency.
        `best`: which label each head does best. `scatter`: accuracy and place of each label's
        head. `layers`: the best head of each layer.
    """
    return {
        "heads": sheet_figure(task, result),
        "mean": mean_figure(task, result),
        "best": best_labels_figure(task, result),
        "scatter": scatter_figure(task, result),
        "layers": layers_figure(task, result),
    }


def mean_figure(task: str, result: ProbeResult) -> Figure:
    """The share of all scored items that each head gets right; a dot on the one chosen for all."""
    values = result.of_all_items()
    title = f"{task}: accuracy of each head on all {int(result.counts.sum()):,} scored items"
    marked = None
    one = result.overall.get("one_head")
    if one is not None and one.layer is not None and one.head is not None:
        marked = numpy.zeros(result.exists.shape, dtype=bool)
        marked[one.layer, one.head] = True
        title += (
            f"; dot: the head chosen for all labels, {percent(one.accuracy)} % (random head "
            f"{percent(one.random_head)} %)"
        )
    return head_map(values, title, result.exists, "accuracy", marked)
