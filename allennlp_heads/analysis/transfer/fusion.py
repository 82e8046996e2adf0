"""Several rankings made one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

CONSTANT = 60
"""Of reciprocal rank fusion, as in Cormack, Clarke and Büttcher 2009."""


def rrf(rankings: Sequence[numpy.ndarray], constant: float = CONSTANT) -> numpy.ndarray:
    """
    Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009, *Reciprocal Rank Fusion Outperforms
    Condorcet and Individual Rank Learning Methods*): the score of a source is the sum over rankings
    of 1 / (constant + rank).

    A ranking that does not have a source (`nan`) says nothing of it, neither good nor bad: the sum
    of the others is scaled up as if the missing ranking agreed with their mean. The ranks of those
    that it has are spread over all: of m sources among n the rank r counts as r (n + 1) / (m + 1),
    for the first of two is not as good as the first of ten, and else whatever a ranking has would
    gain by being in it. Where none is missing, this is the sum itself.

    # Parameters

    rankings : `Sequence[numpy.ndarray]`
        Each `[sources, ...]`, ranks from 1 as `ranks` gives them, `nan` where there is none.
    constant : `float`, optional (default = `60`)
        The larger, the less the first ranks count above the later ones.

    # Returns

    `numpy.ndarray`
        `[sources, ...]`: scores, higher is better; `nan` where no ranking has the source.

    Raises `ValueError` without a ranking, for different shapes and for a rank below 1.
    """
    if not rankings or len({numpy.shape(ranking) for ranking in rankings}) > 1:
        raise ValueError(
            "fusion needs rankings of the same sources, not shapes "
            f"{[list(numpy.shape(ranking)) for ranking in rankings]}"
        )
    together = numpy.stack([numpy.asarray(ranking, dtype=float) for ranking in rankings])
    if (together < 1).any():
        raise ValueError("ranks begin with 1")
    known = ~numpy.isnan(together)
    number = known.sum(axis=0)
    everywhere, here = (number > 0).sum(axis=0), known.sum(axis=1, keepdims=True)
    spread = together * ((everywhere + 1) / (here + 1))
    sums = numpy.where(known, 1 / (constant + spread), 0.0).sum(axis=0)
    scaled = sums * (len(together) / numpy.maximum(number, 1))
    return numpy.where(number > 0, scaled, numpy.nan)
