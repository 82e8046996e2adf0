"""Two systems on the same examples, run by run of the same seeds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy

from allennlp_heads.analysis import Comparison, SeedBySeed, compare_same_seeds
from allennlp_heads.analysis.measures import F1, Measure

Seeds = Mapping[int, numpy.ndarray | None]
"""
seed -> `[examples, K]`, the counts of a measure; `None` where there are none.
"""


def paired(
    first: Seeds, second: Seeds, differ: str, rounds: int = 10_000, measure: Measure = F1
) -> SeedBySeed | None:
    """
    # Parameters

    first, second : `Mapping[int, Optional[numpy.ndarray]]`
        Counts by seed.
    differ : `str`
        What to say where the two were not scored on the same examples, as "the gold counts of ner
        in a are not those in b".
    rounds : `int`, optional (default = `10000`)
    measure : `Measure`, optional (default = `F1`)
        That the counts belong to.

    # Returns

    `SeedBySeed`, or `None` where no seed has counts of both
        Second minus first.

    Raises `ValueError` that begins with `differ` where the gold counts are not the same.
    """
    try:
        return compare_same_seeds(_given(first), _given(second), measure, rounds)
    except ValueError as error:
        raise ValueError(
            f"{differ} ({error}): score the same examples in the same order, or leave out its "
            "counts"
        ) from error


def _given(runs: Seeds) -> dict[int, numpy.ndarray]:
    return {seed: counts for seed, counts in runs.items() if counts is not None}


def cells(found: Comparison, adjusted: float) -> list[str]:
    """Of a table: difference, interval, p-value, the adjusted one, and the difference by seed."""
    return [
        f"{found.difference:+.4f}",
        f"{found.lower:+.4f} to {found.upper:+.4f}",
        f"{found.p_value:.4f}",
        f"{adjusted:.4f}",
        ", ".join(f"{value:+.4f}" for value in found.by_run),
    ]
