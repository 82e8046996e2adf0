"""What a report of scores says of each task: the score by epoch, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.dissociation_intervals import resampled
from allennlp_heads.analysis.measures import Measure, measure_of
from allennlp_heads.analysis.probing.intervals import percentiles
from allennlp_heads.reports.files import read_arrays
from allennlp_heads.reports.page.run_folder import Report

VALIDATION = "validation"
DRAWS = 1000
"""Samples of examples that an interval rests on."""

_SEED = 0


@dataclass(frozen=True)
class TaskScores:
    """
    # Parameters

    task : `str`
    metric : `str`
        As the task's head calls it; `score` where it has no name.
    data : `str`
        `validation` for those of a training, else the name of an evaluation.
    examples : `int`
    epochs : `List[int]`
        As AllenNLP counts, from 0.
    scores, losses : `numpy.ndarray`
        `[epochs]`; a loss is the mean over the task's units.
    place : `int`
        Which epoch counts: the best one, and the last one where no other is known to be.
    best : `bool`
        Whether that is the best one.
    path, digest : `str`, optional
        Of the file with the examples, and its SHA-256, where the report tells.
    file : `Path`
        The `.npz` with the counts of every example.
    """

    task: str
    metric: str
    data: str
    examples: int
    epochs: list[int]
    scores: numpy.ndarray
    losses: numpy.ndarray
    place: int
    best: bool
    path: str | None
    digest: str | None
    file: Path

    @property
    def score(self) -> float:
        """The one that counts."""
        return float(self.scores[self.place])

    @property
    def epoch(self) -> int:
        """The epoch of `score`, from 0."""
        return self.epochs[self.place]

    def interval(self) -> tuple[float, float] | None:
        """
        The middle 95 % of the scores of `DRAWS` samples of as many examples, drawn with
        replacement; `None` where the counts of the examples are not there.

        Raises `ConfigurationError` when they are damaged.
        """
        if not self.file.is_file():
            return None
        arrays = read_arrays(self.file)
        measure = measure_of(self.metric)
        try:
            counts = arrays["counts"][list(arrays["epochs"]).index(self.epoch)]
            drawn = resampled(counts, measure, DRAWS, _SEED)
        except (KeyError, IndexError, ValueError) as error:
            raise ConfigurationError(
                f"{self.file} does not fit the scores beside it ({error}): evaluate again, or "
                "delete it"
            ) from error
        low, high = percentiles(drawn)
        return float(low), float(high)


def read_task_scores(report: Report) -> list[TaskScores]:
    """
    The tasks of a report of the schema `scores`, in its order. Raises `ConfigurationError` when it
    is damaged.
    """
    try:
        return [_read(report, task, about) for task, about in report.content["tasks"].items()]
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"{report.path}: damaged, or of another release ({type(error).__name__}: {error}). "
            "Write it again, or delete it"
        ) from error


def _read(report: Report, task: str, about: dict[str, Any]) -> TaskScores:
    data, epochs = report.content["data"], about["epochs"]
    best = report.content.get("best_epoch")
    known = best in epochs
    files = report.content.get("data_files") or {}
    return TaskScores(
        task=task,
        metric=about.get("metric") or "score",
        data=data,
        examples=about["examples"],
        epochs=epochs,
        scores=_scores(measure_of(about.get("metric")), about),
        losses=numpy.array(about["loss"], dtype=float) / max(about["units"], 1),
        place=epochs.index(best) if known else len(epochs) - 1,
        best=known,
        path=about.get("path"),
        digest=files.get(about.get("path")),
        file=report.path.parent / f"{task}.{data}.npz",
    )


def _scores(measure: Measure, about: dict[str, Any]) -> numpy.ndarray:
    if not measure.additive:
        return numpy.array(about[measure.name], dtype=float)
    columns = [numpy.array(about[column], dtype=float) for column in measure.columns]
    return measure.of_sums(numpy.stack(columns, axis=-1))
