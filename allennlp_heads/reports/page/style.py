"""
The look that all charts and grids share, in one place: told apart in grey, by the colour-blind and
in print, since no meaning rests on colour alone.
"""

from __future__ import annotations

from typing import Any

SERIES = ("#0072b2", "#d55e00", "#009e73", "#8b4f86", "#56b4e9", "#e69f00", "#000000")
"""Colours of series: Okabe and Ito's, their yellow left out and their purple darkened for white."""

DASHES = ((1, 0), (6, 3), (2, 2), (8, 3, 2, 3), (4, 1), (10, 4), (1, 3))
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "wedge")
"""Lines and points of series, by the same place as the colours."""

SEQUENTIAL = ("#ffffff", "#c6dcee", "#7fb2d9", "#2f7fb8", "#0b4a83", "#04203f")
"""From the least to the greatest, darker all the way."""

DIVERGING = ("#0b4a83", "#3f8cc4", "#b5d3ea", "#ffffff", "#f6cfa0", "#dd8a1d", "#8a4b00")
"""Negative, zero, positive; both ends are dark, hence a sign stands in each cell."""

INK, SOFT, LINE = "#1b1f24", "#57606a", "#d0d7de"
"""Text, text beside it, and thin lines."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"


def config() -> dict[str, Any]:
    """The `config` of every Vega-Lite specification of the page."""
    letters = {
        "labelFont": FONT,
        "labelFontSize": 12,
        "labelColor": INK,
        "titleFont": FONT,
        "titleFontSize": 12,
        "titleFontWeight": 600,
        "titleColor": INK,
        "labelLimit": 150,
    }
    return {
        "background": "#ffffff",
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            **letters,
            "gridColor": "#eaeef2",
            "domainColor": LINE,
            "tickColor": LINE,
            "tickSize": 4,
            "labelPadding": 4,
            "titlePadding": 8,
        },
        "legend": {
            **letters,
            "orient": "top",
            "direction": "horizontal",
            "symbolSize": 80,
            "symbolOpacity": 1,
            "labelLimit": 140,
        },
        "range": {"category": list(SERIES), "symbol": list(SHAPES)},
        "text": {"font": FONT, "fontSize": 11},
        "point": {"size": 55, "filled": True, "opacity": 1},
        "mark": {"color": SERIES[0]},
    }
