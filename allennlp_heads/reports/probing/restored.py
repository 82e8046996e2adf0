"""A result from what `probe.json` and `probe.npz` say of a task."""

from __future__ import annotations

import dataclasses
import math
import typing
from collections.abc import Mapping
from types import NoneType
from typing import Any, TypeVar

import numpy

from allennlp_heads.analysis.probing.result import (
    HeadCentroids,
    ItemScores,
    LabelScore,
    OverallScore,
    ProbeResult,
    TreeScore,
)
from allennlp_heads.collect.probing.options import KINDS

Record = TypeVar("Record", LabelScore, OverallScore, TreeScore)

_TYPES = {float: "a number", int: "a whole number", str: "a text", bool: "true or false"}
_KNOWN = ("accuracy", "uas", "share")
_ROUNDING = 1e-9
_TEXTS = {
    "chosen_on": ("label", "all labels"),
    "offset": ("root",),
    "orientation": ("to_head", "to_dependent"),
}
_OF_EITHER_SIGN = "offset"


def restored(
    where: str, found: Mapping[str, Any], arrays: Mapping[str, numpy.ndarray]
) -> ProbeResult:
    """
    Put a result together, whether or not its parts agree.

    # Parameters

    where : `str`
        What messages call the task's part of the JSON.
    found : `Mapping[str, Any]`
        That part.
    arrays : `Mapping[str, numpy.ndarray]`
        The task's arrays by name.

    # Returns

    `ProbeResult`

    Raises `KeyError` where something is missing, `ValueError` that names the field for a value of
    another type or out of range, and `TypeError` or `AttributeError` where lists and objects are
    mixed up.
    """
    if found["kind"] not in KINDS:
        raise ValueError(f"{where}.kind is {found['kind']!r}, none of {', '.join(KINDS)}")
    labels = [
        _read(LabelScore, f"{where}.labels[{place}]", label)
        for place, label in enumerate(found["labels"])
    ]
    overall = {
        name: _read(OverallScore, f"{where}.overall.{name}", score)
        for name, score in found["overall"].items()
    }
    tree = found["tree"]
    items = (field.name for field in dataclasses.fields(ItemScores))
    return ProbeResult(
        kind=found["kind"],
        labels=labels,
        accuracy=arrays["accuracy"],
        counts=arrays["counts"],
        exists=arrays["exists"],
        overall=overall,
        items=ItemScores(**{name: arrays[f"items.{name}"] for name in items}),
        statistics={name: arrays[f"statistics.{name}"] for name in found["statistics"]},
        tree=None if tree is None else _read(TreeScore, f"{where}.tree", tree),
        centroids=_centroids(found["centroids"], arrays),
        options=dict(found["options"]),
        samples=found["samples"],
        notes=found["notes"],
        epoch=_value(f"{where}.epoch", found["epoch"], int | None),
    )


def _centroids(
    found: Mapping[str, Any] | None, arrays: Mapping[str, numpy.ndarray]
) -> HeadCentroids | None:
    if found is None:
        return None
    heads = [(layer, head) for layer, head in found["heads"]]
    return HeadCentroids(found["labels"], heads, arrays["centroids"])


def _read(kind: type[Record], where: str, found: Mapping[str, Any]) -> Record:
    if not isinstance(found, Mapping):
        raise ValueError(f"{where} is {found!r}, no object")
    values = {}
    for name, hint in typing.get_type_hints(kind).items():
        if name not in found:
            raise ValueError(f"{where}.{name} is missing")
        values[name] = _value(f"{where}.{name}", found[name], hint)
        _check(f"{where}.{name}", name, values[name])
    return kind(**values)


def _value(where: str, value: Any, hint: Any) -> Any:
    """The value, of a type that the hint allows; JSON knows no nan, so that it stands as `null`."""
    allowed = typing.get_args(hint) or (hint,)
    if value is None and NoneType not in allowed and float in allowed:
        return math.nan
    if type(value) in allowed or (type(value) is int and float in allowed):
        return value
    wanted = " or ".join(_TYPES[one] for one in allowed if one in _TYPES)
    raise ValueError(f"{where} is {value!r}, not {wanted}")


def _check(where: str, name: str, value: Any) -> None:
    if isinstance(value, float):
        known = not math.isnan(value)
        if (known and not -_ROUNDING <= value <= 1 + _ROUNDING) or (not known and name in _KNOWN):
            raise ValueError(f"{where} is {value}, not a share from 0 to 1")
    elif isinstance(value, int) and value < 0 and name != _OF_EITHER_SIGN:
        raise ValueError(f"{where} is {value}, less than 0")
    elif isinstance(value, str) and value not in _TEXTS.get(name, (value,)):
        raise ValueError(f"{where} is {value!r}, not {' or '.join(_TEXTS[name])}")
