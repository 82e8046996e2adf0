"""Arithmetic and words of numbers of which some may be missing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy

from allennlp_heads.reports.markup import MARKDOWN


def mean_there(values: numpy.ndarray, axis: int) -> numpy.ndarray:
    """Over an axis, of what is no `nan`; `nan` where there is nothing else."""
    there = ~numpy.isnan(values)
    sums = numpy.where(there, values, 0.0).sum(axis=axis)
    counts = there.sum(axis=axis)
    return numpy.where(counts > 0, sums / numpy.maximum(counts, 1), numpy.nan)


def best_source(scores: numpy.ndarray) -> int | None:
    """The place of the best of the sources that there are; the first of equal ones."""
    return int(numpy.nanargmax(scores)) if numpy.isfinite(scores).any() else None


def best_named(names: Sequence[str], scores: numpy.ndarray) -> str | None:
    """
    The name of the best of the sources that there are; of equal ones two at most, and how many
    more. `None` where there is none.
    """
    best = best_source(scores)
    if best is None:
        return None
    equal = [name for name, score in zip(names, scores) if score == scores[best]]
    return ", ".join(equal[:2]) + (f" and {len(equal) - 2} more" if len(equal) > 2 else "")


def points_text(points: float, undefined: str = MARKDOWN.undefined) -> str:
    """With one digit; `undefined` for `nan`."""
    return undefined if math.isnan(points) else f"{points:.1f}"
