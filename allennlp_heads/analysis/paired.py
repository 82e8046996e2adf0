"""
Two systems over the same seeds: each seed's scores make a pair, and the pairs are the sample.

The p-value speaks of other seeds (other draws of training examples, other first weights), where
`significance` speaks of other test examples.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy
from scipy.stats import rankdata

_DIGITS = 12
"""What differs after these is rounding: equal differences must tie."""


class PairedTest(NamedTuple):
    """
    The second system against the first.

    # Parameters

    difference : `float`
        Mean over seeds of the second's score minus the first's.
    lower, upper : `float`
        Interval of the difference by the bootstrap over seeds.
    p_value : `float`
        Two-sided and exact, of `signed_rank`.
    better, worse : `int`
        Seeds in which the second's score is higher, and lower.
    """

    difference: float
    lower: float
    upper: float
    p_value: float
    better: int
    worse: int


def paired_test(
    first: numpy.ndarray,
    second: numpy.ndarray,
    rounds: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> PairedTest:
    """
    # Parameters

    first, second : `numpy.ndarray`
        `[seeds]`: scores, the same seeds in the same order.
    rounds : `int`, optional (default = `10000`)
        Of the bootstrap.
    confidence : `float`, optional (default = `0.95`)
        Of the interval.
    seed : `int`, optional (default = `0`)
        Of the bootstrap.

    # Returns

    `PairedTest`

    Raises `ValueError` when these are not the same number of seeds.
    """
    first, second = numpy.asarray(first, dtype=float), numpy.asarray(second, dtype=float)
    if first.ndim != 1 or first.shape != second.shape or not len(first):
        raise ValueError(f"scores are [seeds], the same seeds: {first.shape} and {second.shape}")
    differences = numpy.round(second - first, _DIGITS)
    generator = numpy.random.default_rng(seed)
    drawn = generator.integers(0, len(first), (rounds, len(first)))
    outside = (1 - confidence) / 2
    lower, upper = numpy.quantile(differences[drawn].mean(axis=1), [outside, 1 - outside])
    return PairedTest(
        float(differences.mean()),
        float(lower),
        float(upper),
        signed_rank(differences),
        int((differences > 0).sum()),
        int((differences < 0).sum()),
    )


def least_p_value(pairs: int) -> float:
    """
    The smallest p-value that `signed_rank` can give to so many pairs, when all speak for the same
    system: 0.25 of three, and below 0.05 from six on.
    """
    return min(1.0, 2.0 ** (1 - pairs))


def signed_rank(differences: numpy.ndarray) -> float:
    """
    The two-sided p-value of Wilcoxon's signed-rank test (Wilcoxon 1945, *Individual Comparisons by
    Ranking Methods*), exact for any number of pairs, ties included: the distribution of the sum of
    the positive ranks is convolved rank by rank, each sign as likely as the other.

    # Parameters

    differences : `numpy.ndarray`
        `[pairs]`. Zeros say nothing and are left out; equal sizes share the mean of their ranks.

    # Returns

    `float`
        1 where all differences are zero.
    """
    differences = numpy.asarray(differences, dtype=float)
    differences = differences[differences != 0]
    if not len(differences):
        return 1.0
    # twice the ranks, which are whole numbers where two share one
    ranks = numpy.rint(2 * rankdata(numpy.abs(differences))).astype(int)
    chances = numpy.zeros(ranks.sum() + 1)
    chances[0] = 1.0
    for rank in ranks:
        chances[rank:] = 0.5 * (chances[rank:] + chances[:-rank])
        chances[:rank] *= 0.5
    positive = ranks[differences > 0].sum()
    tail = min(positive, ranks.sum() - positive)
    return float(min(1.0, 2 * chances[: tail + 1].sum()))
