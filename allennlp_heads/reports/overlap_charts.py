"""The charts of `allennlp heads overlap`: heads by claims against chance, open heads per layer."""

from __future__ import annotations

import numpy
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from allennlp_heads.reports.charts import chart, line_style
from allennlp_heads.reports.markup import p_text, shorten
from allennlp_heads.reports.matrix_figure import matrix_figure
from allennlp_heads.reports.overlap import Overlap

_BAR, _LEVEL = 0.38, 0.05


def correlation_figure(overlap: Overlap) -> Figure:
    """The groups' correlations, with the run-to-run agreement of each group on the diagonal."""
    title = (
        "Pearson's r x 100 between mean gates; framed: of the group's last run with its other "
        "runs, root of the adjusted R²"
    )
    return matrix_figure(overlap.correlation_table, overlap.names, title)


def jaccard_figure(overlap: Overlap) -> Figure:
    """The groups' Jaccard indices above those by chance; a star where they are provably more."""
    star = f"* more than by chance (p < {_LEVEL} after Holm)".replace(" ", "\N{NO-BREAK SPACE}")
    title = (
        "Jaccard index x 100 of open heads, mean over pairs of runs; below it: by chance; "
        f"framed: within the group; {star}"
    )
    marked = numpy.nan_to_num(overlap.adjusted, nan=1) < _LEVEL
    test = overlap.jaccard
    return matrix_figure(test.observed, overlap.names, title, marked, test.by_chance)


def chance_figure(overlap: Overlap) -> Figure:
    """How many heads are claimed by exactly k groups, beside what chance gives."""
    found = overlap.claims
    if found is None:
        raise ValueError("claims need at least two groups")
    counted = len(overlap.counted)
    places = numpy.arange(counted + 1)
    title = (
        f"{found.observed[-1]} of {overlap.exists.sum()} heads are claimed by all of "
        f"{overlap.counted_as}; by chance {found.expected[-1]:.1f} ({p_text(found.exact_p_all)})"
    )
    width = max(5.0, 1.6 + 0.5 * (counted + 1))
    figure, axes = chart(width, 3.4, title)
    spread = numpy.stack([found.expected - found.lower, found.upper - found.expected])
    axes.bar(places - _BAR / 2, found.observed, _BAR, color="0.25", label="observed")
    axes.bar(
        places + _BAR / 2,
        found.expected,
        _BAR,
        yerr=numpy.maximum(spread, 0),
        color="white",
        edgecolor="black",
        hatch="////",
        capsize=2,
        error_kw={"elinewidth": 1},
        label="by chance, with 95 % of the draws",
    )
    axes.set_xticks(places)
    axes.set_xlabel(f"claimed by exactly so many of {overlap.counted_as}")
    axes.set_ylabel("heads")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    figure.legend(loc="outside lower center", ncols=2, fontsize=8, frameon=False)
    return figure


def layers_figure(overlap: Overlap) -> Figure:
    """The number of open heads in each layer, a line a group: the mean over its runs."""
    layers, heads = overlap.exists.shape
    height = max(1.9 + 0.24 * layers, 0.6 + 0.2 * len(overlap.names))
    figure, axes = chart(6.0, height, "Open heads per layer, mean over runs")
    for place, name in enumerate(overlap.names):
        masks = overlap.open_heads[place]
        axes.plot(
            masks.sum(axis=(0, 2)) / len(masks),
            numpy.arange(layers) + 1,
            **line_style(place),
            label=shorten(name),
            clip_on=False,
            zorder=3,
        )
    axes.set_ylim(layers + 0.5, 0.5)
    axes.set_yticks(range(1, layers + 1))
    axes.set_xlim(0, heads)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(color="0.9")
    axes.set_xlabel("open heads")
    axes.set_ylabel("layer")
    figure.legend(loc="outside right upper", fontsize=8, frameon=False)
    return figure
