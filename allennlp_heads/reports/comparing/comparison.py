"""Settings against each task's single-task training: scores, differences, tests, budgets."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from allennlp.common import Tqdm

from allennlp_heads.analysis import compare_same_seeds, holm, least_p_value
from allennlp_heads.analysis.same_seeds import SeedBySeed
from allennlp_heads.reports.comparing.choices import TaskChoice
from allennlp_heads.reports.comparing.differences import choose_alike, differences
from allennlp_heads.reports.comparing.results import Against, Cell, TaskTable
from allennlp_heads.reports.comparing.spent import spent_on


def compare_settings(
    choices: Sequence[TaskChoice], rounds: int = 10_000, seed: int = 0
) -> list[TaskTable]:
    """
    # Parameters

    choices : `Sequence[TaskChoice]`
    rounds : `int`, optional (default = `10000`)
        Of randomisation and of bootstrap.
    seed : `int`, optional (default = `0`)
        Of these, in every test.

    # Returns

    `List[TaskTable]`
        One for each choice. Holm's correction is for all comparisons of all of them together, that
        of the tests over examples and that of the tests over seeds each by itself.
    """
    pairs = [
        (choice, name) for choice in choices for name in choice.runs if name != choice.reference
    ]
    tests: dict[tuple[str, str], SeedBySeed] = {}
    for choice, name in Tqdm.tqdm(pairs, desc="comparing"):
        if choice.reference is None:
            continue
        first, second = choice.counts(choice.reference), choice.counts(name)
        found = compare_same_seeds(first, second, choice.measure, rounds, seed)
        if found is not None:
            tests[choice.task, name] = found
    against = _corrected(tests)
    return [_table(choice, against) for choice in choices]


def _corrected(tests: Mapping[tuple[str, str], SeedBySeed]) -> dict[tuple[str, str], Against]:
    adjusted = dict(zip(tests, holm([test.examples.p_value for test in tests.values()])))
    repeated = {key: test.over_seeds for key, test in tests.items() if test.over_seeds}
    over_seeds = dict(zip(repeated, holm([test.p_value for test in repeated.values()])))
    found = {}
    for key, (seeds, examples, pairs) in tests.items():
        found[key] = Against(
            seeds=seeds,
            difference=examples.difference,
            low=examples.lower,
            high=examples.upper,
            by_seed=examples.by_run,
            p_value=examples.p_value,
            adjusted=adjusted[key],
            exact=examples.exact,
            p_over_seeds=None if pairs is None else pairs.p_value,
            adjusted_over_seeds=over_seeds.get(key),
            least_over_seeds=least_p_value(len(seeds)),
        )
    return found


def _table(choice: TaskChoice, against: Mapping[tuple[str, str], Against]) -> TaskTable:
    reference_first = sorted(choice.runs, key=lambda name: name != choice.reference)
    cells = [
        replace(
            _cell(choice, name), against=against.get((choice.task, name)), **_beside(choice, name)
        )
        for name in reference_first
    ]
    scores = choice.scores
    return TaskTable(
        choice.task,
        choice.metric,
        len(scores.examples),
        scores.path,
        scores.digest,
        choice.reference,
        choice.alone,
        cells,
    )


def _cell(choice: TaskChoice, setting: str) -> Cell:
    runs = choice.runs[setting]
    scores = [float(choice.measure.of_examples(run.scores[choice.task].counts)) for run in runs]
    return Cell(
        setting,
        [run.seed for run in runs],
        scores,
        [run.scores[choice.task].epoch for run in runs],
        statistics.fmean(scores),
        statistics.stdev(scores) if len(scores) > 1 else None,
        spent_on(choice.task, [run.trained for run in runs]),
    )


def _beside(choice: TaskChoice, setting: str) -> dict[str, Any]:
    """In what a setting differs from the reference beside its tasks."""
    if choice.reference in (None, setting):
        return {}
    first, second = (choice.runs[name][0] for name in (str(choice.reference), setting))
    return {
        "differs": differences(first, second, choice.task),
        "chosen_alike": choose_alike(first, second),
    }
