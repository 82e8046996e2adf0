"""
Which heads several tasks claim, and how many such heads there would be if each task opened as many
heads in each layer but chose them at random.

A head that all tasks claim is a "stem cell" of He and Choi 2021, *The Stem Cell Hypothesis*. Their
number means little by itself: five tasks that each open half of the heads share some by chance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy
from scipy.stats import hypergeom

from allennlp_heads.analysis.overlap import shuffled


class Claims(NamedTuple):
    """
    How many heads are claimed by exactly k tasks, for k from 0 to the number of tasks: arrays
    `[tasks + 1]`.

    # Parameters

    observed : `numpy.ndarray`
    expected : `numpy.ndarray`
        By chance; exact.
    lower, upper : `numpy.ndarray`
        Between these lie the middle 95 % of the random draws.
    p_at_least : `numpy.ndarray`
        One-sided, for each k: how often chance has at least k tasks claim as many heads as
        observed, (1 + such draws) / (1 + draws); not corrected for looking at several k.
    exact_p_all : `float`
        The same for k = all tasks, from every possible choice instead of draws.
    """

    observed: numpy.ndarray
    expected: numpy.ndarray
    lower: numpy.ndarray
    upper: numpy.ndarray
    p_at_least: numpy.ndarray
    exact_p_all: float


def majority(masks: numpy.ndarray) -> numpy.ndarray:
    """
    The heads open in more than half of the runs; a tie is not open.

    # Parameters

    masks : `numpy.ndarray`
        `[runs, layers, heads]`, `bool`.

    # Returns

    `numpy.ndarray`
        `[layers, heads]`, `bool`.
    """
    masks = numpy.asarray(masks, dtype=bool)
    most: numpy.ndarray = 2 * masks.sum(axis=0) > len(masks)
    return most


def count_claims(
    claims: numpy.ndarray, exists: numpy.ndarray, draws: int = 10_000, seed: int = 0
) -> Claims:
    """
    Count the heads claimed by k tasks, and compare with chance.

    # Parameters

    claims : `numpy.ndarray`
        `[tasks, layers, heads]`, `bool`.
    exists : `numpy.ndarray`
        `[layers, heads]`, `bool`: which cells stand for a head.
    draws : `int`, optional (default = `10000`)
    seed : `int`, optional (default = `0`)

    # Returns

    `Claims`
    """
    claims = numpy.asarray(claims, dtype=bool) & exists
    open_heads, heads = claims.sum(axis=2), exists.sum(axis=1)
    observed = _histogram(claims[None], exists)[0]
    parts = shuffled(claims, exists, numpy.arange(len(claims)), draws, seed)
    drawn = numpy.concatenate([_histogram(part, exists) for part in parts])
    lower, upper = numpy.quantile(drawn, [0.025, 0.975], axis=0)
    extreme = (at_least(drawn) >= at_least(observed)).sum(axis=0)
    chances = chance_of_common(open_heads, heads)
    return Claims(
        observed,
        expected_claims(open_heads, heads),
        lower,
        upper,
        (1 + extreme) / (1 + draws),
        float(min(1.0, chances[observed[-1] :].sum())),
    )


def at_least(exactly: numpy.ndarray) -> numpy.ndarray:
    """From counts for exactly k, `[..., k]`, to counts for k and more."""
    return exactly[..., ::-1].cumsum(axis=-1)[..., ::-1]


def expected_claims(open_heads: numpy.ndarray, heads: numpy.ndarray) -> numpy.ndarray:
    """
    The expected number of heads claimed by exactly k tasks when every task chooses its heads at
    random within each layer. A head of a layer is claimed by task t with probability open / heads,
    independently of other tasks, so that k follows the Poisson-binomial distribution.

    # Parameters

    open_heads : `numpy.ndarray`
        `[tasks, layers]`: number of heads that a task claims in a layer.
    heads : `numpy.ndarray`
        `[layers]`: number of heads in a layer.

    # Returns

    `numpy.ndarray`
        `[tasks + 1]`, which sums to the number of heads.
    """
    expected = numpy.zeros(len(open_heads) + 1)
    for layer in numpy.flatnonzero(heads):
        chances = numpy.ones(1)
        for share in open_heads[:, layer] / heads[layer]:
            chances = numpy.convolve(chances, [1 - share, share])
        expected += heads[layer] * chances
    return expected


def chance_of_common(open_heads: numpy.ndarray, heads: numpy.ndarray) -> numpy.ndarray:
    """
    The distribution of the number of heads that all tasks claim when every task chooses at random
    within each layer: in a layer, the heads common to the first t tasks and those of task t + 1
    meet in a hypergeometric number; layers are independent.

    # Parameters

    open_heads : `numpy.ndarray`
        `[tasks, layers]`.
    heads : `numpy.ndarray`
        `[layers]`.

    # Returns

    `numpy.ndarray`
        `[heads + 1]`: probability of 0, 1, ... common heads in the whole encoder.
    """
    whole = numpy.ones(1)
    for layer in numpy.flatnonzero(heads):
        numbers = numpy.arange(heads[layer] + 1)
        common = (numbers == open_heads[0, layer]).astype(float)
        for count in open_heads[1:, layer]:
            meet = hypergeom.pmf(numbers[None], heads[layer], count, numbers[:, None])
            common = common @ meet
        whole = numpy.convolve(whole, common)
    return whole


def _histogram(claims: numpy.ndarray, exists: numpy.ndarray) -> numpy.ndarray:
    """`[draws, tasks + 1]` of claims `[draws, tasks, layers, heads]`."""
    tasks = claims.shape[1]
    times = claims.sum(axis=1).reshape(len(claims), -1)
    counts = numpy.stack([(times == k).sum(axis=1) for k in range(tasks + 1)], axis=1)
    counts[:, 0] -= (~exists).sum()
    return counts
