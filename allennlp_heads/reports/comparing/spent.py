"""What the runs of a setting were trained with."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple


class Spent(NamedTuple):
    """
    Of whole trainings, whichever of their epochs is scored: means over runs.

    # Parameters

    updates : `float`
        Of the optimizer.
    batches, examples : `float`
        Of one task; an example counts each time that it is trained on.
    all_examples : `float`
        Of all tasks.
    """

    updates: float
    batches: float
    examples: float
    all_examples: float


def spent_on(task: str, trained: Sequence[Mapping[str, Any] | None]) -> Spent | None:
    """
    # Parameters

    task : `str`
    trained : `Sequence[Mapping[str, Any]]`
        Of each run what `scores.json` has as `trained`, see the callback `example_scores`.

    # Returns

    `Spent`, or `None` where a run did not count it.
    """
    counted = [run for run in trained if run]
    if len(counted) < len(trained):
        return None

    def mean(number: Callable[[Mapping[str, Any]], float]) -> float:
        return statistics.mean(map(number, counted))

    return Spent(
        mean(lambda run: sum(run["updates"])),
        mean(lambda run: _of_task(run, task, "batches")),
        mean(lambda run: _of_task(run, task, "examples")),
        mean(lambda run: sum(_of_task(run, name, "examples") for name in run["tasks"])),
    )


def _of_task(trained: Mapping[str, Any], task: str, kind: str) -> float:
    counts = trained["tasks"].get(task)
    return sum(counts[kind]) if counts else 0
