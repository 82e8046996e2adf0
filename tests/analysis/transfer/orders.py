"""Every order of sources that a ranking leaves open, and the measures of one such order."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy


def orders(scores: list[float]) -> Iterator[tuple[int, ...]]:
    """Sources, the first first; those without a score come last."""
    values = [-math.inf if math.isnan(score) else score for score in scores]
    for order in itertools.permutations(range(len(values))):
        if all(values[one] >= values[other] for one, other in itertools.pairwise(order)):
            yield order


def dcg(relevance: list[float]) -> float:
    return sum((2**rel - 1) / math.log2(place + 2) for place, rel in enumerate(relevance))


def of_one_order(name: str, order: tuple[int, ...], performance: list[float]) -> float:
    ranked = [performance[source] for source in order]
    best = max(performance)
    if name == "best_rank":
        return 1 + ranked.index(best)
    if name == "ndcg":
        return dcg(ranked) / dcg(sorted(ranked, reverse=True))
    measure, _, k = name.partition("@")
    if measure == "regret":
        return 100 * (best - max(ranked[: int(k)])) / best
    return float(best in ranked[: int(k)])


def expected(name: str, scores: list[float], performance: list[float]) -> float:
    """The mean over all orders that the scores leave open."""
    found = [of_one_order(name, order, performance) for order in orders(scores)]
    return float(numpy.mean(found))
