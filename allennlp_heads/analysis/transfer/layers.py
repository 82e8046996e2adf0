"""Which layer of which component ranks best."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy

from allennlp_heads.analysis.transfer.evaluation import MethodEvaluation

_LAYERED = re.compile(r"([^.]+)\.(\d+)")


class LayerMap(NamedTuple):
    """
    # Parameters

    layers : `List[int]`
        0-based, ascending.
    families : `List[str]`
        Components that layers have, such as `"layer_output"`, as first met.
    mean, lower, upper : `numpy.ndarray`
        `[layers, families]`: the measure of the component of this layer alone, and its interval
        over targets; `nan` where there is no such component.
    chance : `float`
        What a random order reaches; the same for all.
    """

    layers: list[int]
    families: list[str]
    mean: numpy.ndarray
    lower: numpy.ndarray
    upper: numpy.ndarray
    chance: float


def layer_map(evaluations: Mapping[str, MethodEvaluation], measure: str = "ndcg") -> LayerMap:
    """
    # Parameters

    evaluations : `Mapping[str, MethodEvaluation]`
        By method; those named `family.layer` count.
    measure : `str`, optional (default = `"ndcg"`)
        One of `ranking_measures`.

    # Returns

    `LayerMap`

    Raises `ValueError` where no method is the component of a layer.
    """
    cells = {}
    for name, found in evaluations.items():
        match = _LAYERED.fullmatch(name)
        if match:
            cells[int(match[2]), match[1]] = found.measures[measure]
    if not cells:
        raise ValueError(f"none of the methods is the component of a layer: {list(evaluations)}")
    layers = sorted({layer for layer, _ in cells})
    families = list(dict.fromkeys(family for _, family in cells))
    values = numpy.full((3, len(layers), len(families)), numpy.nan)
    for (layer, family), score in cells.items():
        place = layers.index(layer), families.index(family)
        values[(slice(None), *place)] = score.mean, score.lower, score.upper
    chance = next(iter(cells.values())).chance
    mean, lower, upper = values
    return LayerMap(layers, families, mean, lower, upper, chance)
