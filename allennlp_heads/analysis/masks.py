"""Which heads to keep without having learned it: the baselines of learned gates."""

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


def _check(keep: int, heads: int) -> None:
    if not 1 <= keep <= heads:
        raise ValueError(f"'keep' is {keep}: give a number from 1 to {heads}, the heads there are")
