"""What is compared in each task: which settings, by which measure, with which reference."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.measures import MEASURES, Measure, measure_of
from allennlp_heads.analysis.same_seeds import other_examples
from allennlp_heads.data.parts import split_part
from allennlp_heads.reports.comparing.runs import ScoredRun, TaskScores
from allennlp_heads.reports.comparing.settings import Setting


@dataclass(frozen=True)
class TaskChoice:
    """
    # Parameters

    task : `str`
    metric : `str`
        Its name, for people.
    measure : `Measure`
    runs : `Mapping[str, Sequence[ScoredRun]]`
        Of each setting, those that have scores of the task.
    reference : `str`, optional
        The setting that the others are compared with.
    alone : `bool`
        Whether that trains nothing but this task.
    """

    task: str
    metric: str
    measure: Measure
    runs: Mapping[str, Sequence[ScoredRun]]
    reference: str | None
    alone: bool

    @property
    def scores(self) -> TaskScores:
        """Those of the first run; of others the examples and their file are the same."""
        return next(iter(self.runs.values()))[0].scores[self.task]

    def counts(self, setting: str) -> dict[int, numpy.ndarray]:
        """Seed -> counts `[examples, K]`."""
        return {run.seed: run.scores[self.task].counts for run in self.runs[setting]}


def choose(
    settings: Sequence[Setting],
    references: Sequence[str] = (),
    tasks: Sequence[str] | None = None,
    metrics: Mapping[str, str] | None = None,
) -> list[TaskChoice]:
    """
    # Parameters

    settings : `Sequence[Setting]`
    references : `Sequence[str]`, optional (default = `()`)
        `TASK=NAME`, or NAME for all tasks that this setting has and nothing else is said of. The
        reference of other tasks is the setting that trains them alone.
    tasks : `Sequence[str]`, optional (default = `None`)
        Only these, in this order; by default all, in the order of the settings.
    metrics : `Mapping[str, str]`, optional (default = `None`)
        By task, another measure of the same counts than the head's main metric.

    Raises `ConfigurationError` for tasks, settings and measures that do not exist, for a task that
    several settings train alone where none is chosen, and where runs scored other examples.
    """
    by_task = {task: _having(settings, task) for task in tasks or _all_tasks(settings)}
    unknown = [task for task in {**by_task, **(metrics or {})} if not by_task.get(task)]
    if unknown:
        raise ConfigurationError(
            f"no run has scores of {', '.join(unknown)}: the tasks are "
            f"{', '.join(_all_tasks(settings))}"
        )
    chosen = _references(by_task, references)
    trains = {setting.name: set(setting.tasks) for setting in settings}
    found = []
    for task, runs in by_task.items():
        metric, measure = _measure(task, runs, (metrics or {}).get(task))
        check_same_examples(task, [run for of_one in runs.values() for run in of_one], measure)
        reference = chosen.get(task) or _alone(
            task, [name for name in runs if trains[name] == {task}]
        )
        alone = reference is not None and trains[reference] == {task}
        found.append(TaskChoice(task, metric, measure, runs, reference, alone))
    return found


def _all_tasks(settings: Sequence[Setting]) -> list[str]:
    return list(dict.fromkeys(t for s in settings for run in s.runs for t in run.scores))


def _having(settings: Sequence[Setting], task: str) -> dict[str, list[ScoredRun]]:
    runs = {s.name: [run for run in s.runs if task in run.scores] for s in settings}
    return {name: found for name, found in runs.items() if found}


def _references(by_task: Mapping[str, Collection[str]], given: Sequence[str]) -> dict[str, str]:
    """By task: what the user chose."""
    everywhere: dict[str, str] = {}
    chosen: dict[str, str] = {}
    names = {name for having in by_task.values() for name in having}
    for text in given:
        task, _, name = text.partition("=")
        if text in names:
            everywhere |= {task: text for task, having in by_task.items() if text in having}
        elif name in by_task.get(task, ()):
            chosen[task] = name
        else:
            having = by_task.get(task, sorted(names))
            why = (
                f"'{name}' has no scores of '{task}'; " if task in by_task and name in names else ""
            )
            raise ConfigurationError(
                f"--reference {text}: {why}give NAME or TASK=NAME with one of the settings "
                f"{', '.join(having)}"
            )
    return {**everywhere, **chosen}


def _alone(task: str, single: Sequence[str]) -> str | None:
    if len(single) > 1:
        raise ConfigurationError(
            f"{' and '.join(single)} all train '{task}' alone: choose one to compare with, as in "
            f"--reference {task}={single[0]}"
        )
    return single[0] if single else None


def _measure(
    task: str, runs: Mapping[str, Sequence[ScoredRun]], wanted: str | None
) -> tuple[str, Measure]:
    by_metric = {run.scores[task].metric or "f1": run for of_one in runs.values() for run in of_one}
    columns = {measure_of(metric).columns: run.folder for metric, run in by_metric.items()}
    if len(columns) > 1 or (len(by_metric) > 1 and wanted is None):
        has = "; ".join(f"{run.folder} has {metric}" for metric, run in by_metric.items())
        advice = (
            "compare runs that kept the same counts"
            if len(columns) > 1
            else f"choose one, as in --metric {task}={min(by_metric)}"
        )
        raise ConfigurationError(
            f"the runs have different main metrics of '{task}': {has}: {advice}"
        )
    metric = wanted or next(iter(by_metric))
    if wanted is None or wanted in by_metric:
        return metric, measure_of(metric)
    possible = [name for name, measure in MEASURES.items() if measure.columns in columns]
    if wanted not in possible:
        raise ConfigurationError(
            f"--metric {task}={wanted}: what the runs kept of each example gives "
            f"{', '.join(dict.fromkeys([*by_metric, *possible]))}"
        )
    return metric, MEASURES[wanted]


def check_same_examples(task: str, runs: Sequence[ScoredRun], measure: Measure) -> None:
    """
    Raise a `ConfigurationError` where runs scored other examples of a task than the first of them:
    another file, other examples of it, or examples with other gold.
    """
    first = runs[0]
    ours = first.scores[task]
    for run in runs[1:]:
        theirs = run.scores[task]
        difference: str | None = None
        if ours.digest and theirs.digest and _content(ours) != _content(theirs):
            difference = f"{_shown(ours)} and {_shown(theirs)} differ"
            if ours.path == theirs.path:
                difference += " (the file has changed, or HEADS_DATA was another folder)"
        elif not numpy.array_equal(ours.examples, theirs.examples):
            difference = (
                f"{len(ours.examples):,} and {len(theirs.examples):,} examples, not all of them "
                "the same"
            )
        else:
            difference = other_examples(ours.counts, theirs.counts, measure)
        if difference is not None:
            raise ConfigurationError(
                f"'{task}': {first.folder} and {run.folder} were not scored on the same examples: "
                f"{difference}. Score them on one file, or compare them apart"
            )


def _shown(scores: TaskScores) -> str:
    return f"{scores.path} ({str(scores.digest)[:8]})"


def _content(scores: TaskScores) -> tuple[str | None, str | None]:
    return scores.digest, split_part(scores.path or "")[1]
