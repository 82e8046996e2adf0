"""The numbers of a dissociation experiment, from its measurements."""

from __future__ import annotations

from typing import NamedTuple

import numpy

from allennlp_heads.analysis.dissociation import (
    DISTINCT,
    MILD,
    Dissociation,
    of_relative,
    relative_performance,
)
from allennlp_heads.analysis.dissociation_intervals import (
    Intervals,
    against_random,
    bootstrap,
)
from allennlp_heads.analysis.significance import Comparison, holm
from allennlp_heads.reports.dissociation_data import DissociationData


class Options(NamedTuple):
    """
    How the measurements are looked at.

    # Parameters

    rounds : `int`, optional (default = `2000`)
        Of the bootstrap and of the tests.
    confidence : `float`, optional (default = `0.95`)
        Of the intervals.
    distinct, mild : `float`, optional (default = `10.0`, `5.0`)
        Thresholds of a pair's D in percent.
    seed : `int`, optional (default = `0`)
        Of bootstrap and tests.
    """

    rounds: int = 2_000
    confidence: float = 0.95
    distinct: float = DISTINCT
    mild: float = MILD
    seed: int = 0


class Result(NamedTuple):
    """
    One share of masked heads.

    # Parameters

    alpha : `float`
    masked : `int`
        How many heads are masked.
    base : `numpy.ndarray`
        `[runs, tasks]`: scores with all heads.
    own : `numpy.ndarray`
        `[runs, pruned task, evaluated task]`.
    random : `numpy.ndarray`
        `[runs, draws, evaluated task]`.
    random_rp : `numpy.ndarray`
        `[tasks]`: mean relative performance under random masks.
    mean : `Dissociation`
        Of the mean over the runs.
    by_run : `List[Dissociation]`
    intervals : `Intervals`
        By the bootstrap over examples.
    run_intervals : `Intervals`, optional
        By the bootstrap over examples and runs, where there are several.
    tests : `Dict[str, Comparison]`
        Random masks against each task's own.
    adjusted : `Dict[str, float]`
        Their p-values, adjusted for the number of tasks (Holm).
    """

    alpha: float
    masked: int
    base: numpy.ndarray
    own: numpy.ndarray
    random: numpy.ndarray
    random_rp: numpy.ndarray
    mean: Dissociation
    by_run: list[Dissociation]
    intervals: Intervals
    run_intervals: Intervals | None
    tests: dict[str, Comparison]
    adjusted: dict[str, float]


def results(data: DissociationData, options: Options = Options()) -> list[Result]:
    """The results for each share of masked heads."""
    return [_result(data, place, options) for place in range(len(data.alphas))]


def _result(data: DissociationData, place: int, options: Options) -> Result:
    counts = data.counts(place)
    tasks = data.tasks
    scores = numpy.stack(
        [found.measure.of_examples(found.stacked()) for found in counts.values()], axis=-1
    )  # [runs, masks, tasks]
    base, own, random = scores[:, 0], scores[:, 1 : len(tasks) + 1], scores[:, len(tasks) + 1 :]
    rp = relative_performance(own, base)
    limits = options.distinct, options.mild
    sure = {"rounds": options.rounds, "confidence": options.confidence, "seed": options.seed}
    tests = {
        task: against_random(
            found.own[:, tasks.index(task)],
            found.random,
            found.measure,
            options.rounds,
            options.seed,
        )
        for task, found in counts.items()
    }
    adjusted = holm([test.p_value for test in tests.values()])
    return Result(
        alpha=data.alphas[place],
        masked=int(data.own_masks[0, place, 0].sum()),
        base=base,
        own=own,
        random=random,
        random_rp=relative_performance(random, base).mean(axis=(0, 1)),
        mean=of_relative(tasks, rp.mean(axis=0), *limits),
        by_run=[of_relative(tasks, run, *limits) for run in rp],
        intervals=bootstrap(counts, **sure),  # type: ignore[arg-type]
        run_intervals=(
            bootstrap(counts, over_runs=True, **sure) if len(base) > 1 else None  # type: ignore[arg-type]
        ),
        tests=tests,
        adjusted=dict(zip(tasks, adjusted)),
    )
