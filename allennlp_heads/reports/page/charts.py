"""
The charts of a page as Vega-Lite specifications. Rows are renamed on their way in, so that no name
out of data can be taken for a path or an expression.
"""

from __future__ import annotations

from collections.abc import Mapping

from allennlp_heads.reports.page import style
from allennlp_heads.reports.page.encodings import (
    Rows,
    Spec,
    beside,
    by_colour,
    by_dash,
    by_shape,
    height_of_rows,
    limits_of,
    measured,
    named,
    reference,
    renamed,
    values_of,
    wide,
)

_HEIGHT, _CELL = 240, 30  # pixels
_LEAST_CELL = 44
_FEW = 12  # ticks that fit on a phone
_SHORT = 7  # letters that fit above a cell
_LABELS = 130  # pixels for the names at the left


def lines(
    rows: Rows,
    x: str,
    y: str,
    series: str | None,
    x_title: str,
    y_title: str,
    band: tuple[str, str] | None = None,
    details: Mapping[str, str] | None = None,
    log: bool = False,
) -> Spec:
    """
    Lines with points.

    # Parameters

    rows : `Sequence[Mapping[str, Any]]`
        A point each.
    x, y : `str`
        Keys of numbers. A point without a finite `y` is a gap.
    series : `str`, optional
        Key of the name of the line: one colour, dash and shape each.
    x_title, y_title : `str`
    band : `Tuple[str, str]`, optional (default = `None`)
        Keys of the lower and the upper end of a band around the line.
    details : `Mapping[str, str]`, optional (default = `None`)
        Further keys -> their names, shown at a point.
    log : `bool`, optional (default = `False`)
        Whether equal steps to the right are equal factors; the axis then names each `x`.

    # Returns

    `Dict[str, Any]`
        As wide as its place in the page.
    """
    keys = {"x": x, "y": y, "series": series, **_ends(band)}
    data, shown = renamed(rows, keys, details, {"x": x_title, "y": y_title, "series": ""})
    base: Spec = {
        "x": measured("x", x_title, zero=False, axis={"grid": False, **_ticks(data, log)}),
        **by_colour(data),
    }
    if log:
        base["x"]["scale"] = {"type": "log", "nice": False}
    height = measured("y", y_title, zero=False)
    layers: list[Spec] = []
    if band is not None:
        ends = {"y": {**height, "field": "low"}, "y2": {"field": "high"}}
        layers.append({"mark": {"type": "area", "opacity": 0.18}, "encoding": ends})
    layers.append({"mark": {"type": "line"}, "encoding": {"y": height, **by_dash(data)}})
    point = {"y": height, "tooltip": shown, **by_shape(data)}
    layers.append({"mark": {"type": "point"}, "encoding": point})
    return {"data": values_of(data), "height": _HEIGHT, "encoding": base, "layer": layers, **wide()}


def points(
    rows: Rows,
    x: str,
    y: str,
    x_title: str,
    y_title: str,
    details: Mapping[str, str] | None = None,
    series: str | None = None,
) -> Spec:
    """A point for each row, with the parameters of `lines`."""
    titles = {"x": x_title, "y": y_title, "series": ""}
    data, shown = renamed(rows, {"x": x, "y": y, "series": series}, details, titles)
    encoding = {
        "x": measured("x", x_title, zero=False, axis=_ticks(data, log=False)),
        "y": measured("y", y_title, zero=False, axis=_alike(data)),
        "tooltip": shown,
        **by_colour(data),
        **by_shape(data),
    }
    mark = {"type": "point", "color": style.SERIES[0]}
    spec = {"data": values_of(data), "height": _HEIGHT, **wide()}
    return {**spec, "mark": mark, "encoding": encoding}


def _alike(data: Rows) -> Spec:
    """Of points at one height the axis says which: the browser would round it to a whole number."""
    heights = {row["y"] for row in data if row["y"] is not None}
    return {"values": list(heights), "format": ",.4~g"} if len(heights) == 1 else {}


def dots(
    rows: Rows,
    category: str,
    value: str,
    low: str,
    high: str,
    series: str | None = None,
    value_title: str = "",
    zero: bool = False,
    rule: float | None = None,
    details: Mapping[str, str] | None = None,
) -> Spec:
    """
    A dot with its interval for each category, from above in the order of the rows.

    # Parameters

    rows : `Sequence[Mapping[str, Any]]`
    category : `str`
        Key of the name at the left.
    value, low, high : `str`
        Keys of the number and the ends of its interval, which may be `None`.
    series : `str`, optional (default = `None`)
        Key of the name of a series; those of one category are drawn one below the other.
    value_title : `str`, optional (default = `""`)
    zero : `bool`, optional (default = `False`)
        Whether the axis begins at zero.
    rule : `float`, optional (default = `None`)
        Where a line stands that the dots are to be compared with, as 0 for differences.
    details : `Mapping[str, str]`, optional (default = `None`)
        See `lines`.
    """
    keys = {"category": category, "value": value, "low": low, "high": high, "series": series}
    titles = {"category": "", "value": value_title, "low": "from", "high": "to", "series": ""}
    data, shown = renamed(rows, keys, details, titles)
    base = {"y": named("category", data), **beside(data), **by_colour(data)}
    axis = measured("value", value_title, zero)
    interval = {**base, "x": {**axis, "field": "low"}, "x2": {"field": "high"}}
    point = {**base, "x": axis, "tooltip": shown, **by_shape(data)}
    layers: list[Spec] = [
        *reference(rule),
        {
            "mark": {"type": "rule", "strokeWidth": 2, "color": style.SERIES[0]},
            "encoding": interval,
        },
        {"mark": "point", "encoding": point},
    ]
    return {"data": values_of(data), "height": height_of_rows(data), "layer": layers, **wide()}


def bars(
    rows: Rows,
    category: str,
    value: str,
    series: str | None = None,
    value_title: str = "",
    digits: int = 2,
    details: Mapping[str, str] | None = None,
) -> Spec:
    """
    A bar from zero for each category, from above in the order of the rows, with its number at its
    end. The parameters are those of `dots`; `digits` are those behind the point.
    """
    keys = {"category": category, "value": value, "series": series}
    titles = {"category": "", "value": value_title, "series": ""}
    data, shown = renamed(rows, keys, details, titles)
    base = {
        "y": named("category", data),
        "x": measured("value", value_title, zero=True),
        **beside(data),
    }
    text = {"text": {"field": "value", "format": f",.{digits}f"}}
    ends = {"type": "text", "align": "left", "dx": 4, "color": style.INK}
    layers = [
        {"mark": {"type": "bar"}, "encoding": {"tooltip": shown, **by_colour(data)}},
        {"mark": ends, "encoding": text},
    ]
    spec = {"data": values_of(data), "height": height_of_rows(data), **wide()}
    return {**spec, "encoding": base, "layer": layers}


def matrix(
    rows: Rows,
    x: str,
    y: str,
    value: str,
    diverging: bool = False,
    x_title: str = "",
    y_title: str = "",
    value_title: str = "",
    limits: tuple[float, float] | None = None,
    digits: int = 2,
    details: Mapping[str, str] | None = None,
) -> Spec:
    """
    A coloured cell with its number for each pair of names, in the order of the rows.

    # Parameters

    rows : `Sequence[Mapping[str, Any]]`
        A cell each.
    x, y, value : `str`
        Keys of the names of column and row, and of the number; `None` is a cell without one.
    diverging : `bool`, optional (default = `False`)
        Whether zero is the middle of the colours; then each number has its sign.
    x_title, y_title, value_title : `str`, optional (default = `""`)
    limits : `Tuple[float, float]`, optional (default = `None`)
        Ends of the colours; by default those of the numbers.
    digits : `int`, optional (default = `2`)
        Behind the point.
    details : `Mapping[str, str]`, optional (default = `None`)
        See `lines`.
    """
    titles = {"x": x_title, "y": y_title, "value": value_title}
    data, shown = renamed(rows, {"x": x, "y": y, "value": value}, details, titles)
    low, high = limits or limits_of([row["value"] for row in data], diverging)
    upright = max(len(str(row["x"])) for row in data) <= _SHORT
    names = {"x": named("x", data, x_title, {"orient": "top", "labelAngle": -40 * (not upright)})}
    names["y"] = named("y", data, y_title, {"ticks": False})
    colours = list(style.DIVERGING if diverging else style.SEQUENTIAL)
    scale = {"domain": [low, high], "range": colours, "interpolate": "rgb", "clamp": True}
    known = "isValid(datum.value)"
    fill: Spec = {"field": "value", "type": "quantitative", "scale": scale, "legend": None}
    blank = {"condition": {"test": known, **fill}, "value": "#f0f0f0"}
    text = f"format(datum.value, '{'+' if diverging else ''}.{digits}f')"
    far = f"abs(datum.value - {(low + high) / 2}) > {(high - low) * 0.3}"
    dark = far if diverging else f"datum.value > {low + (high - low) * 0.5}"
    ink = {"condition": {"test": f"{known} && {dark}", "value": "white"}, "value": style.INK}
    cell = {"type": "rect", "stroke": style.LINE, "strokeWidth": 1, "invalid": None}
    columns = len({row["x"] for row in data})
    return {
        "data": values_of(data),
        "transform": [{"calculate": f"{known} ? {text} : '–'", "as": "shown"}],
        "height": _CELL * len({row["y"] for row in data}),
        "encoding": names,
        "layer": [
            {"mark": cell, "encoding": {"color": blank, "tooltip": shown}},
            {"mark": "text", "encoding": {"text": {"field": "shown"}, "color": ink}},
        ],
        **wide(_LABELS + columns * _LEAST_CELL),
    }


def _ticks(data: Rows, log: bool) -> Spec:
    places = sorted({row["x"] for row in data})
    whole = all(isinstance(place, int) for place in places)
    if log or (whole and len(places) <= _FEW):
        form = "d" if whole else "~g"
        return {"values": places, "tickCount": len(places), "format": form, "labelOverlap": log}
    return {"tickMinStep": 1, "format": "d", "tickCount": _FEW} if whole else {}


def _ends(band: tuple[str, str] | None) -> dict[str, str]:
    return {} if band is None else {"low": band[0], "high": band[1]}
