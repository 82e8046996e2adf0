"""The picture of how near a training came to its share of closed heads."""

from __future__ import annotations

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from allennlp_heads.reports.figures import DPI, STYLE
from allennlp_heads.reports.sparsity_history import SparsityHistory

# readable without colours too
_DASHES = ("-", "--", "-.", ":")
_MARKERS = "os^Dv<>ph"


def sparsity_figure(history: SparsityHistory) -> Figure:
    """The share of closed heads of every set by epoch, with a line for the target."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(6.2, 3.2), dpi=DPI, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        # epochs count from 1 for people, as layers and heads do
        epochs = [entry["epoch"] + 1 for entry in history.entries]
        for number, key in enumerate(history.heads):
            shares = [entry["sets"][key]["share"] for entry in history.entries]
            dashes, marker = _DASHES[number % 4], _MARKERS[number % 9]
            axes.plot(epochs, shares, dashes, marker=marker, markersize=3.5, label=key)
        axes.axhline(history.about["target"], color="0.4", linewidth=0.8, label="target")
        if history.best_epoch is not None:
            axes.axvline(history.best_epoch + 1, color="0.7", linewidth=0.8, label="best epoch")
        axes.set_ylim(-0.03, 1.03)
        axes.set_xlabel("epoch", fontsize=9)
        axes.set_ylabel("share of heads closed", fontsize=9)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.tick_params(labelsize=8)
        figure.legend(loc="outside right upper", fontsize=8, frameon=False)
        figure.suptitle("Closed heads in the course of the training", fontsize=10)
    return figure
