"""What all charts share: one frame, one size of letters, one series of lines, no global state."""

from __future__ import annotations

import textwrap
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from allennlp_heads.reports.figures import DPI, LETTERS_PER_INCH, STYLE

_MARKERS = "osD^v<>pP*Xh8d+x"
_DASHES = ("-", "--", ":", "-.")
_LEGEND: dict[str, Any] = {"fontsize": 8, "frameon": False}


def chart(width: float, height: float, title: str) -> tuple[Figure, Axes]:
    """
    An empty chart.

    # Parameters

    width, height : `float`
        Inches; each further line of the title makes the chart higher.
    title : `str`
        Wrapped to the width.

    # Returns

    `Tuple[Figure, Axes]`
        Of no interactive window; give the figure to `save_figure`.
    """
    with matplotlib.rc_context(STYLE):
        lines = textwrap.wrap(title, int(width * LETTERS_PER_INCH))
        size = (width, height + 0.2 * (len(lines) - 1))
        figure = Figure(figsize=size, dpi=DPI, layout="constrained")
        FigureCanvasAgg(figure)
        figure.suptitle("\n".join(lines), x=0.15 / width, ha="left", fontsize=10)
        axes = figure.add_subplot()
        axes.tick_params(labelsize=8)
    return figure, axes


def line_style(place: int) -> dict[str, Any]:
    """Keywords of the line of a series, by its place: told apart by shape, and so in grey."""
    return {
        "linestyle": _DASHES[place % len(_DASHES)],
        "marker": _MARKERS[place % len(_MARKERS)],
        "color": str(0.55 * (place % 3) / 2),
        "markerfacecolor": "white",
        "linewidth": 1,
    }


def beside(axes: Axes) -> None:
    """The legend, at the right of the axes and below the title."""
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), borderaxespad=0, **_LEGEND)
