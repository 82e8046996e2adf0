"""The numbers of a few-shot experiment, from the scores of its runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy

from allennlp_heads.analysis.paired import PairedTest, paired_test
from allennlp_heads.analysis.significance import holm


@dataclass(frozen=True)
class FewShotScores:
    """
    # Parameters

    task : `str`
    metric : `str`
        The head's main metric.
    direction : `str`
        `"+"` where more is better, else `"-"`.
    starts : `List[str]`
        The first is the baseline, which the others are compared with.
    examples : `List[int]`
        Numbers of examples that runs learn from, ascending.
    per_class : `bool`
        Whether these are of each class.
    scores : `numpy.ndarray`
        `[starts, examples, seeds]`.
    majority : `float`, optional
        The score of always giving the most frequent label.
    about : `Dict[str, Any]`
        What else the report says: data, training, starts.
    """

    task: str
    metric: str
    direction: str
    starts: list[str]
    examples: list[int]
    per_class: bool
    scores: numpy.ndarray
    majority: float | None
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def mean(self) -> numpy.ndarray:
        """`[starts, examples]`."""
        return self.scores.mean(axis=-1)

    @property
    def std(self) -> numpy.ndarray:
        """`[starts, examples]`: the sample's standard deviation; `nan` for a single seed."""
        if self.scores.shape[-1] == 1:
            return numpy.full(self.scores.shape[:-1], numpy.nan)
        return self.scores.std(axis=-1, ddof=1)


class Compared(NamedTuple):
    """
    A start against the first one, over the same seeds and examples.

    # Parameters

    start, against : `str`
    examples : `int`
    test : `PairedTest`
    p_value_holm : `float`
        Adjusted for all comparisons of the experiment.
    """

    start: str
    against: str
    examples: int
    test: PairedTest
    p_value_holm: float


def compared(found: FewShotScores) -> list[Compared]:
    """Every start but the first, at every number of examples."""
    pairs = [
        (start, number, paired_test(found.scores[0, column], found.scores[row, column]))
        for row, start in enumerate(found.starts)
        for column, number in enumerate(found.examples)
        if row > 0
    ]
    adjusted = holm([test.p_value for _, _, test in pairs])
    return [
        Compared(start, found.starts[0], number, test, p_value)
        for (start, number, test), p_value in zip(pairs, adjusted)
    ]
