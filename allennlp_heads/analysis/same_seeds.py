"""Two systems on the same examples, run by run of the same seeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy

from allennlp_heads.analysis.measures import Measure
from allennlp_heads.analysis.paired import PairedTest, paired_test
from allennlp_heads.analysis.significance import Comparison, compare

Counts = Mapping[int, numpy.ndarray]
"""Seed -> counts `[examples, K]` of its run."""


class SeedBySeed(NamedTuple):
    """
    The second system against the first.

    # Parameters

    seeds : `List[int]`
        Those that both have, ascending.
    examples : `Comparison`
        Whether other examples would say the same of these runs.
    over_seeds : `PairedTest`, optional
        Whether other seeds would; `None` of a single seed.
    """

    seeds: list[int]
    examples: Comparison
    over_seeds: PairedTest | None


def compare_same_seeds(
    first: Counts, second: Counts, measure: Measure, rounds: int = 10_000, seed: int = 0
) -> SeedBySeed | None:
    """
    # Parameters

    first, second : `Mapping[Optional[int], numpy.ndarray]`
        Counts `[examples, K]` by seed, in the columns of the measure; row i is the same example
        everywhere.
    measure : `Measure`
    rounds : `int`, optional (default = `10000`)
        Of randomisation and of bootstrap.
    seed : `int`, optional (default = `0`)
        Of these.

    # Returns

    `SeedBySeed`, or `None` where no seed has counts of both.

    Raises `ValueError` where the counts cannot be of the same examples.
    """
    seeds = sorted(first.keys() & second.keys())
    if not seeds:
        return None
    one, other = ([runs[seed] for seed in seeds] for runs in (first, second))
    for ours, theirs in zip(one, other):
        difference = other_examples(ours, theirs, measure)
        if difference is not None:
            raise ValueError(difference)
    ours, theirs = numpy.stack(one), numpy.stack(other)
    scores = measure.of_examples(ours), measure.of_examples(theirs)
    over_seeds = paired_test(*scores, rounds=rounds, seed=seed) if len(seeds) > 1 else None
    return SeedBySeed(seeds, compare(ours, theirs, measure, rounds, seed=seed), over_seeds)


def other_examples(first: numpy.ndarray, second: numpy.ndarray, measure: Measure) -> str | None:
    """
    What shows that two arrays of counts `[examples, K]` are not of the same examples, in words;
    `None` where nothing does.
    """
    if first.shape != second.shape:
        return f"one has counts {list(first.shape)} and the other {list(second.shape)}"
    gold = measure.gold_columns
    differ = int((first[:, gold] != second[:, gold]).any(axis=1).sum())
    return f"the gold differs in {differ} of {len(first)} examples" if differ else None
