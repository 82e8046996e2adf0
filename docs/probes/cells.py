"""Means over the runs of a system, and how they are shown."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

import numpy

from allennlp_heads.analysis.probing.result import LabelScore, ProbeResult, Score

LEVEL = 0.05

WAYS = {"weighted": "all items", "unweighted": "mean over labels"}
"""Scores of all labels together: keys of `ProbeResult.overall` -> what they are called."""

Picked = Callable[[Score], float | None]


def accuracies(runs: Sequence[ProbeResult]) -> numpy.ndarray:
    """`[labels]`, the mean over runs."""
    return numpy.mean([[score.accuracy for score in run.labels] for run in runs], axis=0)


def label_scores(runs: Sequence[ProbeResult], place: int) -> list[LabelScore]:
    """Of one label, one a run."""
    return [run.labels[place] for run in runs]


def mean(scores: Sequence[Score], name: str) -> float | None:
    """Of a field of the runs' scores; `None` where no run has it."""
    values = [getattr(score, name) for score in scores]
    known = [value for value in values if value is not None]
    return statistics.mean(known) if known else None


def number(value: float | None, digits: int = 3) -> str:
    """Nothing where there is none."""
    return "" if value is None else f"{value:.{digits}f}"


def with_interval(value: float | str, ends: Sequence[float] | numpy.ndarray) -> str:
    """A mean and its interval."""
    shown = value if isinstance(value, str) else number(value)
    return f"{shown} ({ends[0]:.3f} to {ends[1]:.3f})"


def side_by_side(values: Sequence[float | None]) -> str:
    """One number a system."""
    return (
        ""
        if all(value is None for value in values)
        else " / ".join(number(value, 2) or "-" for value in values)
    )


def filled(rows: list[list[str]]) -> list[list[str]]:
    """The columns of a table in which some row below the header says something."""
    kept = [column for column in zip(*rows) if any(column[1:])]
    return [list(row) for row in zip(*kept)]
