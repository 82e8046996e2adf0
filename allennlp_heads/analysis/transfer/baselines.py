"""Rankings that look at no embedding: how large a source is, and how its training went."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy

Curve = Sequence[Sequence[float]]
"""Points (updates, score), ascending: how well a task did in the course of its own training."""


def of_sources(values: Mapping[str, float], tasks: Sequence[str]) -> numpy.ndarray:
    """
    A ranking that knows the sources only, such as the one by data size: the same for all targets.

    # Parameters

    values : `Mapping[str, float]`
        A number of each task, higher is better; a task without one gets `nan`.
    tasks : `Sequence[str]`

    # Returns

    `numpy.ndarray`
        `[sources, targets]`.
    """
    column = numpy.array([values.get(task, math.nan) for task in tasks], dtype=float)
    return numpy.repeat(column[:, None], len(tasks), axis=1)


def curve_gradient(curve: Curve) -> float:
    """
    The slope of the late learning curve of a task that is fine-tuned directly: least squares of the
    score on the share of training done, over the points of the second half, or over the last two
    where the second half has fewer.

    Bingel and Søgaard 2017, *Identifying beneficial task relations for multi-task learning in deep
    neural networks*, find that auxiliary tasks help whose learning curve has not become flat. They
    take slopes of the loss of both tasks; the slope of the *target* is the same for all of its
    sources and ranks nothing, so that ours is the slope of the *source's* curve, of its score on
    development data, and the source that still improves most comes first.

    # Parameters

    curve : `Sequence[Tuple[float, float]]`
        Updates done and the score after them, ascending in updates.

    # Returns

    `float`
        Score per whole training; `nan` of fewer than two points.

    Raises `ValueError` where the updates do not ascend.
    """
    points = numpy.asarray(curve, dtype=float).reshape(-1, 2)
    if len(points) < 2:
        return math.nan
    if (numpy.diff(points[:, 0]) <= 0).any():
        raise ValueError(f"the updates of a learning curve must ascend: {points[:, 0].tolist()}")
    share = points[:, 0] / points[-1, 0]
    late = max(2, int((share >= 0.5).sum()))
    share, score = share[-late:], points[-late:, 1]
    centred = share - share.mean()
    return float(centred @ score / (centred @ centred))
