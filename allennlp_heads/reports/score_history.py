"""What each validation of a run said of each example: `scores.json` and one `.npz` a task."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.measures import measure_of
from allennlp_heads.reports.files import read_arrays, read_report, write_arrays, write_report

SCHEMA, VERSION = "scores", 1


class Scores(NamedTuple):
    """
    One validation of one task.

    # Parameters

    example : `numpy.ndarray`
        `[examples]`: index in the order of reading, ascending.
    counts : `numpy.ndarray`
        `[examples, K]`: what the metric's `Measure` takes; of most metrics integers (correct,
        predicted and gold units), of correlations floats (prediction and gold value).
    loss : `numpy.ndarray`
        `[examples]`: sum over the example's units.
    units : `numpy.ndarray`
        `[examples]`, integers.
    """

    example: numpy.ndarray
    counts: numpy.ndarray
    loss: numpy.ndarray
    units: numpy.ndarray


class ScoreHistory:
    """
    The validations of a run by task and epoch.

    # Parameters

    data : `str`, optional (default = `"validation"`)
        Name of the evaluation set, a part of the files' names.
    seed : `int`, optional (default = `None`)
    data_files : `Dict[str, Optional[str]]`, optional (default = `None`)
        The run's data files and their hashes.
    """

    def __init__(
        self,
        data: str = "validation",
        seed: int | None = None,
        data_files: dict[str, str | None] | None = None,
    ) -> None:
        self.scores: dict[str, dict[int, Scores]] = {}
        self.best_epoch: int | None = None
        self.metrics: dict[str, str] = {}
        """The metric that the counts of each task belong to."""
        self.paths: dict[str, str] = {}
        """Where the examples of each task were read from, as far as known: keys of `data_files`."""
        self.trained: dict[str, Any] | None = None
        """What was spent on the training, see the callback `example_scores`; `None`: unknown."""
        self._data = data
        self._seed = seed
        self._data_files = data_files or {}

    def add(self, task: str, epoch: int, scores: Scores) -> None:
        """
        Add a validation. Raises `ConfigurationError` when an example occurs twice in it, or when
        its examples are not those of the task's earlier validations.
        """
        scores = Scores(
            *(values[numpy.argsort(scores.example, kind="stable")] for values in scores)
        )
        if (numpy.diff(scores.example) == 0).any():
            raise ConfigurationError(
                f"example_scores: a validation of '{task}' has two examples of the same number. "
                "Use the loader 'multitask_bucketed', which numbers them"
            )
        for other in self.scores.get(task, {}).values():
            if not numpy.array_equal(other.example, scores.example):
                raise ConfigurationError(
                    f"example_scores: the validation of '{task}' in epoch {epoch} has other "
                    "examples than before. Let the validation loader read all data every time"
                )
        self.scores.setdefault(task, {})[epoch] = scores

    def write(self, folder: str | os.PathLike[str], report: str = "scores.json") -> None:
        """
        Write one `<task>.<data>.npz` a task, then `report` with the sums, or where the metric has
        none the scores; deterministic.
        """
        for task, by_epoch in self.scores.items():
            first = next(iter(by_epoch.values()))
            write_arrays(
                self._path(folder, task),
                {
                    "epochs": list(by_epoch),
                    "example": first.example,
                    "counts": numpy.stack([scores.counts for scores in by_epoch.values()]),
                    "loss": numpy.stack([scores.loss for scores in by_epoch.values()]),
                    "units": first.units,
                },
            )
        tasks = {task: self._sums(task) for task in sorted(self.scores)}
        content = {
            "data": self._data,
            "data_files": self._data_files,
            "best_epoch": self.best_epoch,
            "trained": self.trained,
            "tasks": tasks,
        }
        write_report(Path(folder) / report, SCHEMA, VERSION, content, seed=self._seed)

    def read_back(self, folder: str | os.PathLike[str], before: int) -> None:
        """
        Take the validations of epochs earlier than `before` from the files of a run that was
        killed. Raises `ConfigurationError` when they cannot be read.
        """
        report = read_report(Path(folder) / "scores.json", SCHEMA, VERSION)
        scores: dict[str, dict[int, Scores]] = {}
        for task in report["tasks"]:
            arrays = read_arrays(self._path(folder, task))
            try:
                scores[task] = {
                    int(epoch): Scores(arrays["example"], counts, loss, arrays["units"])
                    for epoch, counts, loss in zip(
                        arrays["epochs"], arrays["counts"], arrays["loss"], strict=True
                    )
                    if epoch < before
                }
            except (KeyError, ValueError) as error:
                raise ConfigurationError(f"{self._path(folder, task)} is damaged") from error
        self.scores = scores
        self.best_epoch = report["best_epoch"]

    def _sums(self, task: str) -> dict[str, Any]:
        by_epoch = self.scores[task]
        first = next(iter(by_epoch.values()))
        return {
            "metric": self.metrics.get(task),
            "examples": len(first.example),
            "units": first.units.sum(),
            **({"path": self.paths[task]} if task in self.paths else {}),
            "epochs": list(by_epoch),
            **self._totals(task),
            "loss": [float(scores.loss.sum(dtype=float)) for scores in by_epoch.values()],
        }

    def _totals(self, task: str) -> dict[str, Any]:
        """By epoch: the sum of each column, or the score where sums say nothing."""
        measure = measure_of(self.metrics.get(task))
        by_epoch = self.scores[task].values()
        if not measure.additive:
            return {measure.name: [measure.of_examples(scores.counts) for scores in by_epoch]}
        sums = numpy.stack([scores.counts.sum(axis=0) for scores in by_epoch])
        return dict(zip(measure.columns, sums.T, strict=True))

    def _path(self, folder: str | os.PathLike[str], task: str) -> Path:
        return Path(folder) / f"{task}.{self._data}.npz"
