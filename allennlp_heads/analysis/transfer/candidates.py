"""Which sources a target may choose from, and of which of them the result is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy


class Coverage(NamedTuple):
    """
    What an evaluation can look at.

    # Parameters

    candidates : `numpy.ndarray`
        `[sources, targets]`, `bool`: allowed and measured, of targets that are not left out.
    missing : `List[Tuple[int, int]]`
        Source and target of allowed cells that were not measured.
    left_out : `List[int]`
        Targets with fewer than two candidates, where there is nothing to rank.
    """

    candidates: numpy.ndarray
    missing: list[tuple[int, int]]
    left_out: list[int]


def allowed_sources(classes: Sequence[str], within: bool = False) -> numpy.ndarray:
    """
    # Parameters

    classes : `Sequence[str]`
        The class of each task.
    within : `bool`, optional (default = `False`)
        Only sources of the target's own class ("in-class"), else all ("all-class").

    # Returns

    `numpy.ndarray`
        `[sources, targets]`, `bool`; no task is its own source.
    """
    names = numpy.asarray(classes)
    others = ~numpy.eye(len(names), dtype=bool)
    return others & (names[:, None] == names[None, :]) if within else others


def coverage(performance: numpy.ndarray, allowed: numpy.ndarray) -> Coverage:
    """
    # Parameters

    performance : `numpy.ndarray`
        `[sources, targets]`, `nan` where nothing was measured.
    allowed : `numpy.ndarray`
        `[sources, targets]`, `bool`.

    # Returns

    `Coverage`

    Raises `ValueError` for different shapes and for a performance that is infinite.
    """
    performance, allowed = numpy.asarray(performance, dtype=float), numpy.asarray(allowed, bool)
    if performance.ndim != 2 or performance.shape != allowed.shape:
        raise ValueError(
            f"performance {list(performance.shape)} and allowed {list(allowed.shape)} must both "
            "be [sources, targets]"
        )
    if numpy.isinf(performance).any():
        raise ValueError("a performance is a number, or nan where nothing was measured")
    known = allowed & ~numpy.isnan(performance)
    enough = known.sum(axis=0) >= 2
    missing = numpy.argwhere(allowed & ~known)
    return Coverage(
        known & enough,
        [(int(source), int(target)) for source, target in missing],
        numpy.flatnonzero(~enough).tolist(),
    )
