"""Intervals of the mean accuracy of several runs on the same items."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from allennlp_heads.analysis.probing.intervals import Intervals, bootstrap, by_sentence
from allennlp_heads.analysis.probing.result import ProbeResult

_DRAWS = 1_000


def intervals(runs: Sequence[ProbeResult]) -> Intervals:
    """
    95 % intervals by the bootstrap over sentences, the encoders and their heads as given, of the
    mean over runs, which must have scored the same items.
    """
    items, labels = runs[0].items, len(runs[0].labels)
    place = items.label, items.sentence, labels
    correct = numpy.mean([run.items.correct for run in runs], axis=0)
    count = by_sentence(numpy.ones(len(items.label)), *place)
    return bootstrap(by_sentence(correct, *place), count, _DRAWS, 0)
