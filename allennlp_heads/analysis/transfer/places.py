"""The places that scores give: 1 is the highest score; equal scores share places."""

from __future__ import annotations

from typing import NamedTuple

import numpy
from scipy.stats import rankdata

_DIGITS = 12
"""Scores of one ranking that agree to so many digits of the largest are equal on paper."""


class Places(NamedTuple):
    """
    Where each source stands in a ranking, once for each leading index. Sources of equal score
    share the places from `first` to `last`: whatever is computed of them is its expectation over
    all orders of the equal ones, each as likely.

    # Parameters

    first, last : `numpy.ndarray`
        `[..., sources]`, from 1; the same number where no other source has this score.
    """

    first: numpy.ndarray
    last: numpy.ndarray

    @property
    def mean(self) -> numpy.ndarray:
        """`[..., sources]`: the mean of the shared places, which is the usual rank with ties."""
        return (self.first + self.last) / 2


def places(scores: numpy.ndarray) -> Places:
    """
    # Parameters

    scores : `numpy.ndarray`
        `[..., sources]`, higher is better. `nan`, a method's "cannot say", comes after all
        numbers, and several of them share the last places.

    # Returns

    `Places`

    Raises `ValueError` for an infinite score.
    """
    scores = numpy.asarray(scores, dtype=float)
    if numpy.isinf(scores).any():
        raise ValueError("a score is a number, or nan where there is none; it is never infinite")
    missing = numpy.isnan(scores)
    if not scores.size:
        return Places(numpy.zeros(scores.shape, dtype=int), numpy.zeros(scores.shape, dtype=int))
    largest = numpy.abs(numpy.where(missing, 0, scores)).max(axis=-1, keepdims=True)
    values = numpy.round(scores / numpy.where(largest > 0, largest, 1), _DIGITS)
    backwards = numpy.where(missing, numpy.inf, -values)
    first, last = (rankdata(backwards, method=way, axis=-1).astype(int) for way in ("min", "max"))
    return Places(first, last)


def ranks(scores: numpy.ndarray) -> numpy.ndarray:
    """
    # Parameters

    scores : `numpy.ndarray`
        `[sources, ...]`, higher is better; every column is a ranking of its own.

    # Returns

    `numpy.ndarray`
        `[sources, ...]`: 1 is the best; equal scores share the mean of their ranks; `nan` stays
        `nan` and takes no rank.
    """
    scores = numpy.asarray(scores, dtype=float)
    found = numpy.moveaxis(places(numpy.moveaxis(scores, 0, -1)).mean, -1, 0)
    return numpy.where(numpy.isnan(scores), numpy.nan, found)
