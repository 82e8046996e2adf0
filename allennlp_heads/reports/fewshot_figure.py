"""The curve of a few-shot experiment: scores over the number of examples."""

from __future__ import annotations

import numpy
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from allennlp_heads.reports.charts import chart, line_style
from allennlp_heads.reports.fewshot_results import FewShotScores
from allennlp_heads.reports.markup import shorten

_APART = 0.02


def fewshot_figure(found: FewShotScores) -> Figure:
    """A line a start: the mean over seeds, with bars of one standard deviation."""
    seeds = found.scores.shape[-1]
    title = f"{found.task}: mean over {seeds} seeds, bars of one standard deviation"
    figure, axes = chart(6.2, 3.8, title)
    spread = numpy.nan_to_num(found.std)
    for row, name in enumerate(found.starts):
        # beside each other, so that no bar hides another
        shift = 1 + _APART * (row - (len(found.starts) - 1) / 2)
        axes.errorbar(
            numpy.array(found.examples) * shift,
            100 * found.mean[row],
            100 * spread[row],
            **line_style(row),
            capsize=2,
            label=shorten(name),
        )
    if found.majority is not None:
        axes.axhline(
            100 * found.majority, color="0.6", linewidth=1, zorder=1, label="most frequent label"
        )
    axes.set_xscale("log")
    axes.set_xticks(found.examples, [str(number) for number in found.examples])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(color="0.9")
    axes.set_axisbelow(True)
    axes.set_xlabel(f"training examples{' of each class' if found.per_class else ''}")
    axes.set_ylabel(f"{found.metric} × 100")
    figure.legend(loc="outside right upper", fontsize=8, frameon=False)
    return figure
