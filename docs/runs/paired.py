"""Two systems on the same test sentences, run by run of the same seeds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy

from allennlp_heads.analysis import Comparison, compare_same_seeds
from allennlp_heads.analysis.measures import F1, Measure

Seeds = Mapping[int, numpy.ndarray | None]
"""
seed -> `[sentences, K]`, the counts of a measure; `None` where there are none.
"""


def paired(
    first: Seeds, second: Seeds, differ: str, rounds: int = 10_000, measure: Measure = F1
) -> tuple[list[int], Comparison] | None:
    """
    # Parameters

    first, second : `Mapping[int, Optional[numpy.ndarray]]`
        Counts by seed.
    differ : `str`
        What to say where the two were not scored on the same sentences, as "the gold counts of ner
        in a are not those in b".
    rounds : `int`, optional (default = `10000`)
    measure : `Measure`, optional (default = `F1`)
        That the counts belong to.

    # Returns

    `Tuple[List[int], Comparison]`, or `None` where no seed has counts of both
        The seeds of both, and second minus first.

    Raises `ValueError` that begins with `differ` where the gold counts are not the same.
    """
    try:
        found = compare_same_seeds(_given(first), _given(second), measure, rounds)
    except ValueError as error:
        raise ValueError(
            f"{differ}: score the same test sentences in the same order, or leave out its counts"
        ) from error
    return None if found is None else (found.seeds, found.examples)


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
