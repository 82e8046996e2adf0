"""The frame of every chart: one size of letters, one place of the title, no global state."""

from __future__ import annotations

import textwrap

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from allennlp_heads.reports.figures import DPI, LETTERS_PER_INCH, STYLE


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
