"""Samples of examples, drawn again with replacement."""

from __future__ import annotations

from collections.abc import Iterator

import numpy

AT_ONCE = 4_000_000
"""Numbers that may be held in memory."""


def parts(rounds: int, numbers: int) -> Iterator[int]:
    """Sizes of the parts in which `rounds` are done that hold so many `numbers` each."""
    most = max(1, AT_ONCE // max(numbers, 1))
    for start in range(0, rounds, most):
        yield min(most, rounds - start)


def sums_of_drawn(counts: numpy.ndarray, drawn: numpy.ndarray) -> numpy.ndarray:
    """
    Sums over the examples of each sample.

    # Parameters

    counts : `numpy.ndarray`
        `[..., examples, K]`.
    drawn : `numpy.ndarray`
        `[rounds, n]`: which examples.

    # Returns

    `numpy.ndarray`
        `[rounds, ..., K]`.
    """
    rounds, examples = len(drawn), counts.shape[-2]
    places = drawn + numpy.arange(rounds)[:, None] * examples
    times = numpy.bincount(places.ravel(), minlength=rounds * examples).reshape(rounds, examples)
    return numpy.tensordot(times.astype(float), counts.astype(float), axes=(1, -2))
