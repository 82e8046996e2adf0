"""From where on "no answer" is the better answer: the null threshold of questions on texts."""

from __future__ import annotations

from typing import NamedTuple

import numpy


class BestThreshold(NamedTuple):
    """
    # Parameters

    threshold : `float`
        Questions whose score for "no answer" is above it are best left without an answer.
    score : `float`
        The mean over all questions that it would give.
    """

    threshold: float
    score: float


def best_null_threshold(
    no_answer: numpy.ndarray, if_answered: numpy.ndarray, if_empty: numpy.ndarray
) -> BestThreshold:
    """
    The threshold with the best mean score, halfway between two questions; of equally good ones the
    largest, which leaves the fewest questions without an answer. It is the best for these
    questions: the score with it is an optimistic one, and an honest one comes from others.

    # Parameters

    no_answer : `numpy.ndarray`
        `[questions]`: the score for "no answer" of each.
    if_answered, if_empty : `numpy.ndarray`
        `[questions]`: what each scores with its best answer, and with none.

    # Returns

    `BestThreshold`

    Raises `ValueError` without questions, and for scores for "no answer" that are no numbers.
    """
    if not len(no_answer) or not numpy.isfinite(no_answer).all():
        raise ValueError("a null threshold needs questions, and a number for each")
    order = numpy.argsort(no_answer, kind="stable")
    at = numpy.asarray(no_answer, dtype=float)[order]
    gains = (numpy.asarray(if_answered, dtype=float) - numpy.asarray(if_empty, dtype=float))[order]
    # the first n are answered, n = 0, 1, ...; those with equal scores all or none
    totals = numpy.sum(if_empty, dtype=float) + numpy.concatenate([[0.0], numpy.cumsum(gains)])
    totals[1:-1][at[1:] == at[:-1]] = -numpy.inf
    between = numpy.concatenate([[at[0] - 1], (at[1:] + at[:-1]) / 2, [at[-1] + 1]])
    best = len(totals) - 1 - int(numpy.argmax(totals[::-1]))
    return BestThreshold(float(between[best]), float(totals[best] / len(at)))
