"""Sets of heads: baselines of learned gates, and the heads that matter most to a task."""

from __future__ import annotations

from collections.abc import Sequence

import numpy


def random_mask(heads: Sequence[int], keep: int, seed: int) -> numpy.ndarray:
    """
    Heads chosen at random, each set of `keep` heads equally likely.

    # Parameters

    heads : `Sequence[int]`
        Number of heads of each layer.
    keep : `int`
        How many of them all to keep.
    seed : `int`

    # Returns

    `numpy.ndarray`
        `[layers, max heads]`, `bool`. The heads, layer by layer, are permuted by
        `numpy.random.default_rng(seed)`; the first `keep` of them are kept.

    Raises `ValueError` when `keep` is not from 1 to the number of heads.
    """
    cells = [(layer, head) for layer, number in enumerate(heads) for head in range(number)]
    _check(keep, len(cells))
    mask = numpy.zeros((len(heads), max(heads)), dtype=bool)
    for place in numpy.random.default_rng(seed).permutation(len(cells))[:keep]:
        mask[cells[place]] = True
    return mask


def magnitude_mask(values: numpy.ndarray, keep: int) -> numpy.ndarray:
    """
    The heads with the largest values, such as the norms of their weights.

    # Parameters

    values : `numpy.ndarray`
        `[layers, max heads]`; NaN or -inf where a layer has no head.
    keep : `int`
        How many of them all to keep.

    # Returns

    `numpy.ndarray`
        `[layers, max heads]`, `bool`; of equal values the first layer's and head's is kept.

    Raises `ValueError` when `keep` is not from 1 to the number of heads.
    """
    values = numpy.asarray(values, dtype=float)
    values = numpy.where(numpy.isnan(values), -numpy.inf, values)
    _check(keep, int((values > -numpy.inf).sum()))
    mask = numpy.zeros(values.size, dtype=bool)
    mask[numpy.argsort(-values.ravel(), kind="stable")[:keep]] = True
    return mask.reshape(values.shape)


def top_mask(
    scores: numpy.ndarray, alpha: float, exists: numpy.ndarray | None = None
) -> numpy.ndarray:
    """
    The heads with the highest scores. The sets of several `alpha` are nested.

    # Parameters

    scores : `numpy.ndarray`
        `[..., layers, heads]`; each grid before the last two dimensions has a set of its own.
    alpha : `float`
        The share of the heads to select, above 0 and at most 1: of `N` heads
        `floor(alpha * N + 1e-9)` are.
    exists : `numpy.ndarray`, optional (default = `None`)
        `[layers, heads]`, `bool`: which cells stand for a head; by default all.

    # Returns

    `numpy.ndarray`
        `[..., layers, heads]`, `bool`: True where the head is selected. Of equal scores the first
        layer's and head's is.

    Raises `ValueError` for an `alpha` out of range or one that selects no head, and for scores that
    are not a number.
    """
    scores = numpy.asarray(scores, dtype=float)
    exists = numpy.ones(scores.shape[-2:], bool) if exists is None else numpy.asarray(exists, bool)
    if exists.shape != scores.shape[-2:]:
        raise ValueError(f"'exists' is {list(exists.shape)}, the scores are {list(scores.shape)}")
    number = number_of_heads(alpha, int(exists.sum()))
    cells = scores[..., exists]
    if numpy.isnan(cells).any():
        raise ValueError("heads cannot be ranked: some scores are not a number")
    chosen = numpy.argsort(-cells, axis=-1, kind="stable")[..., :number]
    among = numpy.zeros(cells.shape, dtype=bool)
    numpy.put_along_axis(among, chosen, True, axis=-1)
    mask = numpy.zeros(scores.shape, dtype=bool)
    mask[..., exists] = among
    return mask


def bottom_mask(
    scores: numpy.ndarray, alpha: float, exists: numpy.ndarray | None = None
) -> numpy.ndarray:
    """The heads with the lowest scores; otherwise as `top_mask`."""
    return top_mask(-numpy.asarray(scores, dtype=float), alpha, exists)


def number_of_heads(alpha: float, heads: int) -> int:
    """
    How many of so many heads the share `alpha` selects. Raises `ValueError` when `alpha` is out of
    range or selects none.
    """
    if not 0 < alpha <= 1:
        raise ValueError(f"'alpha' is {alpha}: give a share of the heads above 0 and at most 1")
    number = int(alpha * heads + 1e-9)  # 0.3 * 10 is a little less than 3
    if heads == 0:
        raise ValueError("there are no heads to select from")
    if number == 0:
        raise ValueError(
            f"'alpha' is {alpha}, which selects none of {heads} heads: give {1 / heads:.3g} or more"
        )
    return number


def _check(keep: int, heads: int) -> None:
    if not 1 <= keep <= heads:
        raise ValueError(f"'keep' is {keep}: give a number from 1 to {heads}, the heads there are")
