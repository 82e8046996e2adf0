"""A simulation of mixing tasks whose batches always come in the same order, longest first."""

from __future__ import annotations

import numpy


def never_visited(
    counts: dict[str, int], exponent: float, epochs: int, seed: int
) -> dict[str, int]:
    """
    How many of each task's batches are in none of the epochs when each epoch restarts every task at
    its first batch and draws as many steps as there are batches.
    """
    generator = numpy.random.default_rng(seed)
    sizes = numpy.array(list(counts.values()))
    shares = sizes**exponent / (sizes**exponent).sum()
    reached = numpy.zeros_like(sizes)
    for _ in range(epochs):
        reached = numpy.maximum(reached, generator.multinomial(sizes.sum(), shares))
    return {t: int(max(0, n - r)) for t, n, r in zip(counts, sizes, reached, strict=True)}
