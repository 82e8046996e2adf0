"""What a dissociation experiment has measured: masks, and what they leave of every example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.dissociation_intervals import TaskCounts
from allennlp_heads.analysis.measures import measure_of

Arrays = dict[str, numpy.ndarray]
_BY_TASK = ("examples", "base", "own", "random")
_BY_RUN = ("importance", "own_masks", "random_masks")


@dataclass(frozen=True)
class DissociationData:
    """
    The measurements of one experiment; all numbers of its report follow from them.

    # Parameters

    tasks : `List[str]`
    metrics : `Dict[str, str]`
        The main metric of each task.
    alphas : `List[float]`
        Shares of heads that were masked, ascending.
    runs : `List[Dict[str, Any]]`
        Name, seed and weights' hash of each run.
    exists : `numpy.ndarray`
        `[layers, heads]`, `bool`.
    importance : `numpy.ndarray`
        `[runs, tasks, layers, heads]`.
    own_masks : `numpy.ndarray`
        `[runs, alphas, tasks, layers, heads]`, `bool`: the heads masked for each task.
    random_masks : `numpy.ndarray`
        `[runs, alphas, tasks, draws, layers, heads]`, `bool`: those masked at random when each task
        is evaluated.
    examples : `Dict[str, numpy.ndarray]`
        `[examples]`: their numbers in the task's file.
    base : `Dict[str, numpy.ndarray]`
        `[runs, examples, K]`: counts with all heads.
    own : `Dict[str, numpy.ndarray]`
        `[runs, alphas, tasks, examples, K]`: under each task's mask.
    random : `Dict[str, numpy.ndarray]`
        `[runs, alphas, draws, examples, K]`: under random masks.
    about : `Dict[str, Any]`
        Encoder, data files with hashes, and the options the masks were chosen with.
    """

    tasks: list[str]
    metrics: dict[str, str]
    alphas: list[float]
    runs: list[dict[str, Any]]
    exists: numpy.ndarray
    importance: numpy.ndarray
    own_masks: numpy.ndarray
    random_masks: numpy.ndarray
    examples: Arrays
    base: Arrays
    own: Arrays
    random: Arrays
    about: dict[str, Any] = field(default_factory=dict)

    def counts(self, alpha: int) -> dict[str, TaskCounts]:
        """The counts of each task at one place of `alphas`."""
        return {
            task: TaskCounts(
                measure_of(self.metrics[task]),
                self.base[task],
                self.own[task][:, alpha],
                self.random[task][:, alpha],
            )
            for task in self.tasks
        }

    def arrays(self) -> Arrays:
        """What `dissociation.npz` holds; those of a task end in its name."""
        shared = {"exists": self.exists, **{kind: getattr(self, kind) for kind in _BY_RUN}}
        for kind in _BY_TASK:
            shared |= {f"{kind}.{task}": getattr(self, kind)[task] for task in self.tasks}
        return shared

    def description(self) -> dict[str, Any]:
        """What else `restored` needs."""
        return {
            "tasks": self.tasks,
            "metrics": self.metrics,
            "alphas": self.alphas,
            "runs": self.runs,
            **self.about,
        }

    @classmethod
    def restored(
        cls, arrays: Arrays, description: dict[str, Any], about: list[str]
    ) -> DissociationData:
        """
        The inverse of `arrays` and `description`; `about` names what belongs to the field of that
        name. Raises `KeyError` when something is missing.
        """
        tasks = description["tasks"]
        by_task = {kind: {task: arrays[f"{kind}.{task}"] for task in tasks} for kind in _BY_TASK}
        return cls(
            tasks=tasks,
            metrics=description["metrics"],
            alphas=description["alphas"],
            runs=description["runs"],
            exists=arrays["exists"],
            importance=arrays["importance"],
            own_masks=arrays["own_masks"],
            random_masks=arrays["random_masks"],
            examples=by_task["examples"],
            base=by_task["base"],
            own=by_task["own"],
            random=by_task["random"],
            about={name: description[name] for name in about},
        )


def joined(runs: Sequence[DissociationData]) -> DissociationData:
    """
    Several runs of one experiment.

    Raises `ConfigurationError` when they do not have the same encoder, tasks, metrics and shares of
    masked heads, or were not scored on the same examples of the same files.
    """
    first = runs[0]
    for other in runs[1:]:
        _check_alike(first, other)
    by_run = {kind: numpy.concatenate([getattr(run, kind) for run in runs]) for kind in _BY_RUN}
    counts = {
        kind: {
            task: numpy.concatenate([getattr(run, kind)[task] for run in runs])
            for task in first.tasks
        }
        for kind in ("base", "own", "random")
    }
    everyone = [about for run in runs for about in run.runs]
    return replace(first, runs=everyone, **by_run, **counts)  # type: ignore[arg-type]


def _check_alike(first: DissociationData, other: DissociationData) -> None:
    names = [data.runs[0].get("name") for data in (first, other)]
    for what, value in _shared(first).items():
        if _shared(other)[what] != value:
            raise ConfigurationError(
                f"{names[1]} has {what} {_shared(other)[what]}, but {names[0]} has {value}: give "
                "runs of one experiment that differ by their seed only"
            )
    for task in first.tasks:
        if not numpy.array_equal(first.examples[task], other.examples[task]):
            raise ConfigurationError(
                f"{names[1]} and {names[0]} were scored on other examples of '{task}': give runs "
                "with the same data and limits"
            )
    if _contents(first) != _contents(other):
        raise ConfigurationError(
            f"{names[1]} and {names[0]} were scored on files of other content: give runs with the "
            "same data"
        )


def _contents(data: DissociationData) -> list[str]:
    """The digests of the files that score, which may lie elsewhere in each run."""
    return sorted(filter(None, data.about.get("data_files", {}).values()))


def _shared(data: DissociationData) -> dict[str, Any]:
    heads = data.exists.sum(axis=1).tolist()
    return {
        "the encoder": f"{data.about.get('encoder')} with heads {heads}",
        "the tasks": data.tasks,
        "the metrics": data.metrics,
        "the shares of masked heads": data.alphas,
        "random masks": data.random_masks.shape[3],
    }
