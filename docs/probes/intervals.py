"""Intervals of the mean accuracy of several runs on the same items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy

from allennlp_heads.analysis.probing.intervals import (
    by_sentence,
    percentiles,
    ratio_intervals,
    resample,
)
from allennlp_heads.analysis.probing.result import ProbeResult

_DRAWS = 1_000


class Intervals(NamedTuple):
    """
    95 % intervals by the bootstrap over sentences, the encoders and their heads as given.

    # Parameters

    by_label : `numpy.ndarray`
        `[2, labels]`: lower and upper ends.
    weighted, unweighted : `numpy.ndarray`
        `[2]`: of all items, and of the mean over labels.
    """

    by_label: numpy.ndarray
    weighted: numpy.ndarray
    unweighted: numpy.ndarray


def intervals(runs: Sequence[ProbeResult]) -> Intervals:
    """Of the mean over runs, which must have scored the same items."""
    items, labels = runs[0].items, len(runs[0].labels)
    place = items.label, items.sentence, labels
    right = by_sentence(numpy.mean([run.items.correct for run in runs], axis=0), *place)
    every = by_sentence(numpy.ones(len(items.label)), *place)
    right, every = (numpy.column_stack([counts, counts.sum(axis=1)]) for counts in (right, every))
    drawn = resample(numpy.column_stack([right, every]), _DRAWS, 0)
    drawn_right, drawn_every = numpy.split(drawn, 2, axis=1)
    found = ratio_intervals(right, every, drawn_right, drawn_every)
    with numpy.errstate(invalid="ignore"):
        # a sample without any item of a label has the mean over the others
        unweighted = numpy.nanmean((drawn_right / drawn_every)[:, :labels], axis=1)
    return Intervals(found[:, :labels], found[:, labels], percentiles(unweighted))
