"""
How much each head matters to a task, from what its gate does to the loss of each example.

Li, Wang, Zhang and Zong 2023, *Interpreting and Exploiting Functional Specialization in Multi-Head
Attention under Multi-task Learning*, Eq. 4: the mean over examples of `|dL / d gate|`, where the
gate, 1, multiplies the head's output.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy

from allennlp_heads.analysis.masks import top_mask

MEASURES = ("absolute", "squared", "signed", "per_token")

STABLE_OVERLAP = 0.95
"""Share of the top set on which two bootstrap samples have to agree to call it stable."""

_AT_ONCE = 2_000_000  # numbers (draws x examples) held in memory


def aggregate(per_example: numpy.ndarray, measure: str = "absolute") -> numpy.ndarray:
    """
    Scores of heads, the more important the higher.

    # Parameters

    per_example : `numpy.ndarray`
        `[examples, layers, heads]`: `dL / d gate` of each example; for `"per_token"` the sum over
        its tokens of the absolute values of the tokens' parts of it.
    measure : `str`, optional (default = `"absolute"`)
        `"absolute"`: the mean of the absolute values (Eq. 4). `"squared"`: of the squares, the
        diagonal of the empirical Fisher information of the gates. `"signed"`: minus the mean, the
        first-order estimate of how much the loss rises when the head is closed. `"per_token"`: the
        mean, as the paper's program has it, an upper bound of Eq. 4.

    # Returns

    `numpy.ndarray`
        `[layers, heads]`, `float64`.

    Raises `ValueError` for an unknown measure and without examples.
    """
    if len(per_example) == 0:
        raise ValueError("there are no examples to take the mean of")
    return contributions(per_example, measure).mean(axis=0)


def contributions(per_example: numpy.ndarray, measure: str) -> numpy.ndarray:
    """`[examples, layers, heads]`, whose mean over examples `aggregate` gives."""
    values = numpy.asarray(per_example, dtype=numpy.float64)
    if measure == "absolute":
        return numpy.abs(values)
    if measure == "squared":
        return values**2
    if measure == "signed":
        return -values
    if measure == "per_token":
        return values
    raise ValueError(f"'measure' is '{measure}': choose one of {', '.join(MEASURES)}")


def normalise(
    scores: numpy.ndarray,
    exists: numpy.ndarray | None = None,
    by_layer: bool = False,
    min_max: bool = False,
) -> numpy.ndarray:
    """
    Scores on another scale.

    # Parameters

    scores : `numpy.ndarray`
        `[..., layers, heads]`.
    exists : `numpy.ndarray`, optional (default = `None`)
        `[layers, heads]`, `bool`: which cells stand for a head; the others become 0.
    by_layer : `bool`, optional (default = `False`)
        Divide each layer by its L2 norm (Molchanov et al. 2017; a layer of zeros stays zeros).
    min_max : `bool`, optional (default = `False`)
        After that, map the lowest score of all heads to 0 and the highest to 1 (equal ones to 0).
    """
    scores = numpy.asarray(scores, dtype=float)
    exists = numpy.ones(scores.shape[-2:], bool) if exists is None else numpy.asarray(exists, bool)
    scores = numpy.where(exists, scores, 0.0)
    if by_layer:
        norms = numpy.sqrt((scores**2).sum(axis=-1, keepdims=True))
        scores = numpy.divide(scores, norms, out=numpy.zeros_like(scores), where=norms > 0)
    if min_max:
        lowest = numpy.where(exists, scores, numpy.inf).min(axis=(-2, -1), keepdims=True)
        highest = numpy.where(exists, scores, -numpy.inf).max(axis=(-2, -1), keepdims=True)
        spread = highest - lowest
        scaled = numpy.divide(
            scores - lowest, spread, out=numpy.zeros_like(scores), where=spread > 0
        )
        scores = numpy.where(exists, scaled, 0.0)
    return scores


class Stability(NamedTuple):
    """
    What bootstrap samples of the examples say.

    # Parameters

    lower, upper : `numpy.ndarray`
        `[layers, heads]`: interval of each score.
    selected : `numpy.ndarray`
        `[layers, heads]`: share of the samples in whose top set the head is.
    overlap : `float`
        Share of their top sets that two such samples have in common, on average. Two new samples of
        the data would agree somewhat less, since these two come from the same examples.
    """

    lower: numpy.ndarray
    upper: numpy.ndarray
    selected: numpy.ndarray
    overlap: float


def bootstrap(
    per_example: numpy.ndarray,
    alpha: float,
    measure: str = "absolute",
    exists: numpy.ndarray | None = None,
    by_layer: bool = False,
    min_max: bool = False,
    draws: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Stability:
    """
    Draw samples of as many examples with replacement, and score and select heads by each.

    # Parameters

    per_example, measure :
        See `aggregate`.
    alpha, exists :
        See `top_mask`.
    by_layer, min_max :
        See `normalise`.
    draws : `int`, optional (default = `1000`)
    confidence : `float`, optional (default = `0.95`)
        Of the intervals, which end at quantiles of the draws.
    seed : `int`, optional (default = `0`)

    # Returns

    `Stability`

    Raises `ValueError` without examples, and for numbers out of range.
    """
    if draws < 1 or not 0 < confidence < 1:
        raise ValueError("'draws' must be at least 1, and 'confidence' between 0 and 1")
    values = contributions(per_example, measure)
    scores = normalise(_means_of_draws(values, draws, seed), exists, by_layer, min_max)
    tops = top_mask(scores, alpha, exists)
    tail = (1 - confidence) / 2
    lower, upper = numpy.quantile(scores, [tail, 1 - tail], axis=0)
    selected, size = tops.mean(axis=0), tops[0].sum()
    return Stability(lower, upper, selected, float((selected**2).sum() / size))


def _means_of_draws(values: numpy.ndarray, draws: int, seed: int) -> numpy.ndarray:
    """`[draws, layers, heads]`. Every draw has a generator of its own, so more change none."""
    examples = len(values)
    flat = values.reshape(examples, -1)
    means = []
    together = max(1, _AT_ONCE // examples)
    for start in range(0, draws, together):
        weights = [
            numpy.bincount(
                numpy.random.default_rng([seed, draw]).integers(examples, size=examples),
                minlength=examples,
            )
            for draw in range(start, min(start + together, draws))
        ]
        means.append(numpy.stack(weights).astype(float) @ flat / examples)
    return numpy.concatenate(means).reshape(draws, *values.shape[1:])
