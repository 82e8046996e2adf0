"""What the charts of a page share: their data under names of our own, axes, series and sizes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from allennlp_heads.reports.page import style

Rows = Sequence[Mapping[str, Any]]
Spec = dict[str, Any]

_STEP = 26  # pixels for a name at the left


def renamed(
    rows: Rows,
    keys: Mapping[str, str | None],
    details: Mapping[str, str] | None,
    titles: Mapping[str, str],
) -> tuple[list[dict[str, Any]], list[Spec]]:
    """The rows under names of our own, and what is shown at a mark."""
    given = {name: key for name, key in keys.items() if key is not None}
    further = {f"detail{place}": key for place, key in enumerate(details or {})}
    data = [
        {name: _finite(row.get(key)) for name, key in (*given.items(), *further.items())}
        for row in rows
    ]
    names = {name: titles.get(name) or key for name, key in given.items() if name in titles}
    names |= {name: (details or {})[key] for name, key in further.items()}
    shown: list[Spec] = [
        {"field": name, "title": title, **_kind(row[name] for row in data)}
        for name, title in names.items()
    ]
    return data, shown


def _kind(values: Iterable[Any]) -> Spec:
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, float) for value in known):
        return {"type": "quantitative", "format": ",.4~g"}
    return {"type": "nominal"}


def _finite(value: Any) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, (int, str)):
        return value
    value = float(value)  # numpy's numbers too
    return value if math.isfinite(value) else None


def measured(field: str, title: str, zero: bool, axis: Spec | None = None) -> Spec:
    """The axis of a number."""
    scale = {"zero": zero, "nice": True}
    encoding: Spec = {"field": field, "type": "quantitative", "title": title or None}
    return {**encoding, "scale": scale, "axis": {"tickCount": 6, **(axis or {})}}


def named(field: str, data: Rows, title: str = "", axis: Spec | None = None) -> Spec:
    """The axis of names, in the order of the rows; by default that at the left."""
    order = list(dict.fromkeys(row[field] for row in data))
    encoding: Spec = {"field": field, "type": "nominal", "title": title or None}
    # an order given as 'sort' becomes an expression, in which not every name is allowed
    encoding["scale"] = {"domain": order, "paddingInner": 0 if axis else 0.25}
    return {**encoding, "axis": {"grid": False, "domain": False, "ticks": False, **(axis or {})}}


def _series(data: Rows) -> list[Any]:
    return list(dict.fromkeys(row["series"] for row in data if "series" in row))


def by_colour(data: Rows) -> Spec:
    """A colour for each series."""
    return _by_series(data, "color", style.SERIES)


def by_dash(data: Rows) -> Spec:
    """A dash for each series."""
    return _by_series(data, "strokeDash", style.DASHES)


def by_shape(data: Rows) -> Spec:
    """A shape for each series."""
    return _by_series(data, "shape", style.SHAPES)


def _by_series(data: Rows, channel: str, values: Sequence[Any]) -> Spec:
    order = _series(data)
    if not order:
        return {}
    looks = [values[place % len(values)] for place in range(len(order))]
    encoding: Spec = {"field": "series", "type": "nominal", "title": None}
    encoding["scale"] = {"domain": order, "range": looks}
    # dashes would fray the shapes in the legend
    encoding["legend"] = {"symbolStrokeWidth": 0} if len(order) > 1 else None
    return {channel: encoding}


def beside(data: Rows) -> Spec:
    """Series of one name below each other."""
    order = _series(data)
    return {"yOffset": {"field": "series", "scale": {"domain": order}}} if len(order) > 1 else {}


def height_of_rows(data: Rows) -> int:
    """Pixels for all names at the left, each with its series."""
    places = len({row["category"] for row in data})
    several = len(_series(data))
    return places * (_STEP if several < 2 else _STEP // 2 * several + _STEP // 3)


def reference(rule: float | None) -> list[Spec]:
    """A line to compare with, where one is asked for."""
    if rule is None:
        return []
    mark = {"type": "rule", "color": style.SOFT, "strokeDash": [4, 3]}
    return [{"mark": mark, "encoding": {"x": {"datum": rule}}}]


def limits_of(values: Iterable[float | None], diverging: bool) -> tuple[float, float]:
    """The ends of the colours for these numbers."""
    known = [value for value in values if value is not None] or [0.0]
    if diverging:
        far = max(map(abs, known)) or 1.0
        return -far, far
    low, high = min(known), max(known)
    return (low, high) if high > low else (low, low + 1)


def values_of(data: Rows) -> Spec:
    """The data of a specification."""
    return {"values": list(data)}


def wide(least: int = 0) -> Spec:
    """As wide as its place; where that is less than `least` pixels, its place scrolls."""
    spec: Spec = {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}
    return {**spec, "usermeta": {"leastWidth": least}} if least else spec
