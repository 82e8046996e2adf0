"""What random rankings reach."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from allennlp_heads.analysis.transfer.measures import RankingMeasure
from allennlp_heads.analysis.transfer.places import Places


def chance_level(performances: Sequence[numpy.ndarray], measure: RankingMeasure) -> float:
    """
    The mean over targets of a measure of random orders, exact: the measures of a ranking of equal
    scores are their expectation over all orders.

    # Parameters

    performances : `Sequence[numpy.ndarray]`
        Of each target the performance `[sources]`, of its candidates only.
    measure : `RankingMeasure`

    # Returns

    `float`
        `nan` where the measure is defined for no target.
    """
    values = [float(measure.of(_equal(each.size), each)) for each in performances]
    defined = [value for value in values if not numpy.isnan(value)]
    return float(numpy.mean(defined)) if defined else numpy.nan


def _equal(sources: int) -> Places:
    return Places(numpy.ones(sources, dtype=int), numpy.full(sources, sources))
