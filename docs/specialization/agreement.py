"""How far the importance of heads agrees between seeds and between tasks."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, permutations
from typing import NamedTuple

import numpy
from scipy.stats import spearmanr

from allennlp_heads.analysis.masks import top_mask
from allennlp_heads.reports.dissociation_data import DissociationData
from docs.runs.tables import markdown
from docs.specialization.masks_page import percent, title
from docs.specialization.plan import ALPHA


class Agreement(NamedTuple):
    """
    Means over pairs of importances; `nan` where there is no pair.

    # Parameters

    rank : `float`
        Spearman's correlation over all heads.
    shared : `float`
        Share of the most important heads that the two have in common.
    """

    rank: float
    shared: float


def agreement(
    pairs: Iterable[tuple[numpy.ndarray, numpy.ndarray]], exists: numpy.ndarray
) -> Agreement:
    """
    # Parameters

    pairs : `Iterable[Tuple[numpy.ndarray, numpy.ndarray]]`
        Of importances `[layers, heads]`.
    exists : `numpy.ndarray`
        `[layers, heads]`, `bool`.
    """
    found = [
        Agreement(
            float(spearmanr(one[exists], other[exists]).statistic), _shared(one, other, exists)
        )
        for one, other in pairs
    ]
    if not found:
        return Agreement(numpy.nan, numpy.nan)
    return Agreement(*(float(numpy.mean(values)) for values in zip(*found)))


def between_seeds(data: DissociationData, task: int) -> Agreement:
    """Of one task in all pairs of seeds."""
    return agreement(combinations(data.importance[:, task], 2), data.exists)


def between_tasks(data: DissociationData, task: int) -> Agreement:
    """Of one task with every other task, in the same seed."""
    pairs = (
        (run[task], other) for run in data.importance for other in numpy.delete(run, task, axis=0)
    )
    return agreement(pairs, data.exists)


def across(data: DissociationData, task: int) -> Agreement:
    """Of one task with every other task, in another seed."""
    pairs = (
        (one[task], theirs)
        for one, other in permutations(data.importance, 2)
        for theirs in numpy.delete(other, task, axis=0)
    )
    return agreement(pairs, data.exists)


def table(data: DissociationData) -> list[str]:
    """Rank correlation and shared heads of every task."""
    top = f"top {percent(ALPHA)} shared"
    kinds = {
        "same task, other seed": between_seeds,
        "other task, same seed": between_tasks,
        "other task, other seed": across,
    }
    header = ["task", *(f"{kind}: {what}" for kind in kinds for what in ("rank", top))]
    rows = [header]
    for place, task in enumerate(data.tasks):
        found = [kind(data, place) for kind in kinds.values()]
        rows.append([title(task), *(_number(value) for one in found for value in one)])
    heads = int(data.exists.sum())
    number = int(top_mask(data.importance[0, 0], ALPHA, data.exists).sum())
    chance = f"By chance two sets of {number} of {heads} heads share {number / heads:.2f}."
    return [*markdown(rows), "", chance]


def _shared(one: numpy.ndarray, other: numpy.ndarray, exists: numpy.ndarray) -> float:
    first, second = (top_mask(scores, ALPHA, exists) for scores in (one, other))
    return float((first & second).sum() / first.sum())


def _number(value: float) -> str:
    return "" if numpy.isnan(value) else f"{value:.2f}"
