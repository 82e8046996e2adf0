"""
How sure dissociation scores are: bootstrap over examples and runs, and the paired test of a task's
own mask against random masks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy

from allennlp_heads.analysis.dissociation import (
    own_excess,
    relative_performance,
    task_scores,
)
from allennlp_heads.analysis.measures import Measure
from allennlp_heads.analysis.resampling import parts, sums_of_drawn
from allennlp_heads.analysis.significance import Comparison, compare

UNDEFINED_SHARE = 0.01
"""With more draws than this without a positive base score, an interval is undefined."""


class TaskCounts(NamedTuple):
    """
    What is known of the examples of one task, in the same order everywhere.

    # Parameters

    measure : `Measure`
    base : `numpy.ndarray`
        `[runs, examples, K]`: with all heads.
    own : `numpy.ndarray`
        `[runs, tasks, examples, K]`: under the mask of each task.
    random : `numpy.ndarray`
        `[runs, draws, examples, K]`: under random masks.
    """

    measure: Measure
    base: numpy.ndarray
    own: numpy.ndarray
    random: numpy.ndarray

    def stacked(self) -> numpy.ndarray:
        """`[runs, 1 + tasks + draws, examples, K]`, in the order base, tasks, draws."""
        return numpy.concatenate([self.base[:, None], self.own, self.random], axis=1)


class Interval(NamedTuple):
    """Of a score in percent; both ends `nan` where it is undefined."""

    lower: float
    upper: float


class Intervals(NamedTuple):
    """
    Percentile intervals, in percent.

    # Parameters

    d : `Dict[Any, Interval]`
        Of each task's D_i.
    mean : `Interval`
        Of D.
    pairs : `Dict[Tuple[Any, Any], Interval]`
        Of the D of each pair of tasks.
    against_random : `Dict[Any, Interval]`
        Of `RP(random masks) - RP(own mask)` of each task.
    """

    d: dict[Any, Interval]
    mean: Interval
    pairs: dict[tuple[Any, Any], Interval]
    against_random: dict[Any, Interval]


def bootstrap(
    counts: Mapping[Any, TaskCounts],
    rounds: int = 1_000,
    over_runs: bool = False,
    confidence: float = 0.95,
    seed: int = 0,
) -> Intervals:
    """
    Draw test sets of the same sizes from each task's examples, with all masks and runs of an
    example together, and take the scores of each.

    # Parameters

    counts : `Mapping[Any, TaskCounts]`
        By task, in the order of the axis `tasks`.
    rounds : `int`, optional (default = `1000`)
    over_runs : `bool`, optional (default = `False`)
        Draw the runs too, so that the interval speaks of models trained again. It needs several
        runs, and with few it is too narrow.
    confidence : `float`, optional (default = `0.95`)
    seed : `int`, optional (default = `0`)

    # Returns

    `Intervals`
        A draw in which the base score of a task is not positive says nothing about it, nor about D
        unless it has none at all. Where such draws are more than `UNDEFINED_SHARE`, the interval is
        `nan`.
    """
    tasks = list(counts)
    runs = len(next(iter(counts.values())).base)
    if over_runs and runs < 2:
        raise ValueError("'over_runs' needs two runs or more")
    scores = numpy.stack(
        [
            resampled(found.stacked(), found.measure, rounds, [seed, place])
            for place, found in enumerate(counts.values())
        ],
        axis=-1,
    )  # [rounds, runs, masks, tasks]
    if over_runs:
        drawn = numpy.random.default_rng([seed, len(tasks)]).integers(0, runs, (rounds, runs))
        scores = numpy.take_along_axis(scores, drawn[:, :, None, None], axis=1)
    rp = relative_performance(scores[:, :, 1:], scores[:, :, 0]).mean(axis=1)
    own, random = rp[:, : len(tasks)], rp[:, len(tasks) :]
    excess = own_excess(own)
    d = task_scores(excess)
    return Intervals(
        d={task: _interval(d[:, i], confidence) for i, task in enumerate(tasks)},
        mean=_interval(_mean(d[:, _defined(counts)]), confidence),
        pairs={
            (tasks[i], tasks[j]): _interval((excess[:, j, i] + excess[:, i, j]) / 2, confidence)
            for i, j in combinations(range(len(tasks)), 2)
        },
        against_random={
            task: _interval(100 * (random[:, :, i].mean(axis=1) - own[:, i, i]), confidence)
            for i, task in enumerate(tasks)
        },
    )


def _defined(counts: Mapping[Any, TaskCounts]) -> list[int]:
    """Places of the tasks with positive base scores: D is the mean over these in every draw."""
    return [
        place
        for place, found in enumerate(counts.values())
        if (found.measure.of_examples(found.base) > 0).all()
    ]


def _mean(d: numpy.ndarray) -> numpy.ndarray:
    """Over tasks; `nan` in rounds in which one is undefined, and where there are none."""
    return d.mean(axis=1) if d.size else numpy.full(len(d), numpy.nan)


def against_random(
    own: numpy.ndarray, random: numpy.ndarray, measure: Measure, rounds: int, seed: int = 0
) -> Comparison:
    """
    Whether a task's own mask harms it more than random masks do, by `compare`: an example is
    exchanged between the own mask and all random masks of its run at once.

    # Parameters

    own : `numpy.ndarray`
        `[runs, examples, K]`: counts under the task's own mask.
    random : `numpy.ndarray`
        `[runs, draws, examples, K]`: under random masks.
    measure : `Measure`
    rounds : `int`
    seed : `int`, optional (default = `0`)

    # Returns

    `Comparison`
        Of the mean score over the random masks minus the score under the own mask: above 0 where
        the own mask harms more. A share, not percent.
    """
    runs, draws = random.shape[:2]
    repeated = numpy.repeat(own, draws, axis=0)
    flat = random.reshape(runs * draws, *random.shape[2:])
    return compare(repeated, flat, measure, rounds=rounds, seed=seed)


def resampled(
    counts: numpy.ndarray, measure: Measure, rounds: int, seed: int | Sequence[int]
) -> numpy.ndarray:
    """
    Scores `[rounds, ...]` of counts `[..., examples, K]` whose examples are drawn again, the same
    for all of `...`.
    """
    generator = numpy.random.default_rng(seed)
    examples = counts.shape[-2]
    scores = []
    for size in parts(rounds, examples):
        drawn = generator.integers(0, examples, (size, examples))
        if measure.additive:
            scores.append(measure.of_sums(sums_of_drawn(counts, drawn)))
        else:
            scores.append(numpy.stack([measure.of_examples(counts[..., r, :]) for r in drawn]))
    return numpy.concatenate(scores)


def _interval(values: numpy.ndarray, confidence: float) -> Interval:
    defined = values[~numpy.isnan(values)]
    if len(values) - len(defined) > UNDEFINED_SHARE * len(values) or not len(defined):
        return Interval(numpy.nan, numpy.nan)
    outside = (1 - confidence) / 2
    lower, upper = numpy.quantile(defined, [outside, 1 - outside])
    return Interval(float(lower), float(upper))
