"""
How good a ranking of sources is, given how well the target does after each of them.

All functions take `Places` `[..., sources]` and the target's performance `[sources]`, and give
`[...]`. Where places are shared, they give the expectation over all orders of those that share, so
that a ranking of equal scores has exactly the chance level of a random order.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy
from scipy.special import comb
from scipy.stats import rankdata

from allennlp_heads.analysis.measures import pearson
from allennlp_heads.analysis.transfer.places import Places


class RankingMeasure(NamedTuple):
    """
    # Parameters

    of : `Callable[[Places, numpy.ndarray], numpy.ndarray]`
        From places `[..., sources]` and performance `[sources]` to values `[...]`.
    higher_is_better : `bool`
    """

    of: Callable[[Places, numpy.ndarray], numpy.ndarray]
    higher_is_better: bool


def best_rank(places: Places, performance: numpy.ndarray) -> numpy.ndarray:
    """
    The rank given to the truly best source, 1 at best. Where several are truly best, it is the rank
    of the one that comes first. Chance is (n + 1) / (b + 1) with b best of n sources.
    """
    best = performance == performance.max()
    first = numpy.where(best, places.first, performance.size + 1).min(axis=-1)
    here = places.first == first[..., None]
    sharing, of_them_best = here.sum(axis=-1), (here & best).sum(axis=-1)
    value: numpy.ndarray = first - 1 + (sharing + 1) / (of_them_best + 1)
    return value


def ndcg(places: Places, performance: numpy.ndarray, scale: float = 1.0) -> numpy.ndarray:
    """
    Normalised discounted cumulative gain over the whole ranking (Järvelin and Kekäläinen 2002,
    *Cumulated gain-based evaluation of IR techniques*, with the exponential gain of Burges et al.
    2005, *Learning to Rank using Gradient Descent*): the sum over places i of
    (2^rel - 1) / log2(i + 1), divided by that of the ideal order.

    The relevance rel is `scale` times the performance, and 0 for a negative one. With performance
    in points from 0 to 100, a scale of 1 doubles the gain with every point; 0.01 takes relevance as
    a fraction, where almost any order is near 1. Values of different scales do not compare.

    1 where no source has any relevance: every order is ideal.
    """
    if not scale > 0:
        raise ValueError(f"the scale of relevance must be positive, not {scale}")
    relevance = numpy.maximum(performance * scale, 0)
    # (2^rel - 1) / 2^top: does not overflow, and keeps its digits where rel is small
    gains = -numpy.exp2(relevance - relevance.max()) * numpy.expm1(-relevance * numpy.log(2))
    discounts = 1 / numpy.log2(numpy.arange(2, gains.size + 2))
    until = numpy.concatenate([[0.0], numpy.cumsum(discounts)])
    sharing = places.last - places.first + 1
    shares = (until[places.last] - until[places.first - 1]) / sharing
    ideal = numpy.sort(gains)[::-1] @ discounts
    if ideal == 0:
        return numpy.ones(shares.shape[:-1])
    value: numpy.ndarray = (gains * shares).sum(axis=-1) / ideal
    return value


def hit(places: Places, performance: numpy.ndarray, k: int) -> numpy.ndarray:
    """The probability that a truly best source is among the first k."""
    best = int((performance == performance.max()).sum())
    value: numpy.ndarray = 1 - _missed(places, performance, k)[..., best]
    return value


def regret(places: Places, performance: numpy.ndarray, k: int) -> numpy.ndarray:
    """
    What is lost by trying the first k sources only: 100 (best - best of the first k) / best, in
    percent. `nan` where the best performance is not positive, so that there is nothing to compare
    with.
    """
    best = performance.max()
    if best <= 0:
        return numpy.full(places.first.shape[:-1], numpy.nan)
    # E[max] as the sum over sources, from the best down, of how likely each is the best one found
    found = -numpy.diff(_missed(places, performance, k), axis=-1)
    expected = found @ numpy.sort(performance)[::-1]
    return numpy.maximum(100 * (best - expected) / best, 0.0)


def rank_correlation(places: Places, performance: numpy.ndarray) -> numpy.ndarray:
    """
    Spearman's rho of the ranking and the performance, ranks of equal ones being their mean. 0, the
    chance level, where the ranking has all sources equal; `nan` where the performance has.
    """
    if numpy.ptp(performance) == 0:
        return numpy.full(places.first.shape[:-1], numpy.nan)
    ranked, wanted = numpy.broadcast_arrays(places.mean, rankdata(-performance))
    return pearson(numpy.stack([ranked, wanted], axis=-1))


def ranking_measures(scale: float = 1.0) -> dict[str, RankingMeasure]:
    """
    All measures by name: `best_rank`, `ndcg`, `regret@1`, `regret@3`, `regret@5`, `spearman`,
    `hit@1`, `hit@3`, `hit@5`.

    # Parameters

    scale : `float`, optional (default = `1.0`)
        Of the relevance in NDCG: 1 for performance in points.
    """
    first = (1, 3, 5)
    return {
        "best_rank": RankingMeasure(best_rank, False),
        "ndcg": RankingMeasure(partial(ndcg, scale=scale), True),
        **{f"regret@{k}": RankingMeasure(partial(regret, k=k), False) for k in first},
        "spearman": RankingMeasure(rank_correlation, True),
        **{f"hit@{k}": RankingMeasure(partial(hit, k=k), True) for k in first},
    }


def _missed(places: Places, performance: numpy.ndarray, k: int) -> numpy.ndarray:
    """
    `[..., sources + 1]`: the probability that none of the j truly best sources is among the first
    k, for j from 0. Sources that share places across the border enter with equal chances.
    """
    if k < 1:
        raise ValueError(f"at least the first source is looked at, not k = {k}")
    order = numpy.argsort(-performance, kind="stable")
    first, last = places.first[..., order], places.last[..., order]
    none = numpy.cumsum(first <= k, axis=-1) == 0
    chance = none.astype(float)
    border = (first <= k) & (last > k)
    across = border.any(axis=-1)
    if across.any():
        border, first, last = border[across], first[across], last[across]
        surely = numpy.cumsum(last <= k, axis=-1) > 0
        # of `sharing` sources at the border, `entering` are among the first k
        sharing = border.sum(axis=-1, keepdims=True)
        entering = numpy.where(border, k - first + 1, 0).max(axis=-1, keepdims=True)
        others = sharing - numpy.cumsum(border, axis=-1)
        drawn = comb(others, entering) / comb(sharing, entering)
        chance[across] = numpy.where(surely, 0.0, drawn)
    return numpy.concatenate([numpy.ones((*chance.shape[:-1], 1)), chance], axis=-1)
