"""A finished run: what it trained, what that cost, and what it scored for every example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.measures import measure_of
from allennlp_heads.data.json_text import load_json
from allennlp_heads.data.lines import one_line, whole_text
from allennlp_heads.reports.comparing.spent import spent_on
from allennlp_heads.reports.files import read_arrays, read_report
from allennlp_heads.reports.score_history import SCHEMA, VERSION

VALIDATION = "validation"
EPOCHS = ("best", "last")
_HISTORY = Path("heads", "scores", "scores.json")
ALLENNLP_SEED = 133
"""What AllenNLP seeds torch with where the configuration says nothing."""


class Unfinished(ConfigurationError):
    """A run that is still going, or was killed."""


@dataclass(frozen=True, eq=False)
class TaskScores:
    """
    One task's examples, scored by one run.

    # Parameters

    metric : `str`, optional
        The head's main metric; `None` where it names none.
    epoch : `int`
        Which validation this is, from 0.
    examples : `numpy.ndarray`
        `[examples]`: their numbers in their file.
    counts : `numpy.ndarray`
        `[examples, K]`, in the columns of the metric.
    path, digest : `str`, optional
        Of their file, as far as known.
    """

    metric: str | None
    epoch: int
    examples: numpy.ndarray
    counts: numpy.ndarray
    path: str | None
    digest: str | None


@dataclass(frozen=True, eq=False)
class ScoredRun:
    """
    # Parameters

    folder : `str`
        As given.
    config : `Mapping[str, Any]`
        Its configuration.
    seed : `int`
        `pytorch_seed`.
    tasks : `Tuple[str, ...]`
        What it was trained for.
    scores : `Mapping[str, TaskScores]`
        By task.
    data_files : `Mapping[str, Optional[str]]`
        Path -> digest of the files it was trained and validated with.
    trained : `Mapping[str, Any]`, optional
        See the callback `example_scores`; `None` where the run did not count.
    """

    folder: str
    config: Mapping[str, Any]
    seed: int
    tasks: tuple[str, ...]
    scores: Mapping[str, TaskScores]
    data_files: Mapping[str, str | None]
    trained: Mapping[str, Any] | None


def read_scored_run(folder: str, data: str = VALIDATION, epoch: str = "best") -> ScoredRun:
    """
    # Parameters

    folder : `str`
        A serialization directory.
    data : `str`, optional (default = `"validation"`)
        Which scores: those that the callback `example_scores` kept of the validations, or NAME for
        those of `allennlp evaluate ... --output-file folder/NAME.json`.
    epoch : `str`, optional (default = `"best"`)
        `"best"` or `"last"`, of the validations.

    # Returns

    `ScoredRun`

    Raises `Unfinished` for a run that is not finished, and `ConfigurationError` where there is no
    run, it has no such scores, or its files are damaged.
    """
    place = Path(folder)
    config = _configuration(place)
    if not (place / "metrics.json").is_file():
        raise Unfinished(
            f"{folder}: the run is not finished (no metrics.json). Let it end, go on with it by "
            f"'allennlp train CONFIG -s {folder} --recover', or leave it out"
        )
    source = _Source(_report_file(place, data), config, epoch)
    spent = source.report
    history = place / _HISTORY
    if source.path != history:
        spent = read_report(history, SCHEMA, VERSION) if history.is_file() else {}
    seed = config.get("pytorch_seed", ALLENNLP_SEED)
    if not isinstance(seed, int):
        raise ConfigurationError(
            f"{folder}: its configuration sets pytorch_seed to {seed!r}, so that it cannot be "
            "paired with other runs. Train with a number"
        )
    try:
        scores = {task: source.scores(task) for task in source.report["tasks"]}
        tasks = tuple(config["model"].get("heads") or scores)
        files, trained = dict(spent.get("data_files") or {}), spent.get("trained")
        for task in scores:
            spent_on(task, [trained])  # what it makes nothing of is damaged
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(
            one_line(
                f"{source.path}: damaged, or of another release ({type(error).__name__}: {error}). "
                "Train or evaluate again, or leave this run out"
            )
        ) from error
    return ScoredRun(folder, config, seed, tasks, scores, files, trained)


def _configuration(place: Path) -> dict[str, Any]:
    path = place / "config.json"
    if not path.is_file():
        raise ConfigurationError(
            f"{place}: no run of 'allennlp train' (no config.json). Give serialization directories"
        )
    try:
        config = load_json(whole_text(path))
    except ValueError as error:
        raise ConfigurationError(one_line(f"cannot read {path}: {error}")) from error
    if not isinstance(config, dict):
        raise ConfigurationError(f"{path} is no configuration of 'allennlp train'")
    return config


def _report_file(place: Path, data: str) -> Path:
    if data == VALIDATION:
        path, advice = place / _HISTORY, "train it with the callback 'example_scores'"
    else:
        path = place / f"scores.{data}.json"
        advice = (
            f"score it with 'allennlp evaluate {place / 'model.tar.gz'} DATA --output-file "
            f"{place / data}.json' and the evaluator 'example_scores'"
        )
    if path.is_file():
        return path
    raise ConfigurationError(
        f"{place}: no scores of the examples of '{data}' ({path} is missing): {advice}, or leave "
        "it out"
    )


class _Source:
    """A report of scores, with the arrays beside it."""

    def __init__(self, path: Path, config: Mapping[str, Any], epoch: str) -> None:
        self.path = path
        self.report = read_report(path, SCHEMA, VERSION)
        self._config = config
        self._epoch = epoch

    def scores(self, task: str) -> TaskScores:
        about = self.report["tasks"][task]
        if not isinstance(about["metric"], str | None):
            raise TypeError(f"metric {about['metric']}")
        arrays = read_arrays(self.path.parent / f"{task}.{self.report['data']}.npz")
        epochs = arrays["epochs"].tolist()
        epoch = self._chosen(epochs)
        counts = arrays["counts"][epochs.index(epoch)]
        columns = len(measure_of(about["metric"]).columns)
        if counts.shape != (len(arrays["example"]), columns) or not len(counts):
            raise ValueError(f"counts {counts.shape} of '{task}', metric {about['metric']}")
        path = about.get("path", self._validation_path(task))
        digest = (self.report.get("data_files") or {}).get(path)
        return TaskScores(about["metric"], epoch, arrays["example"], counts, path, digest)

    def _chosen(self, epochs: list[int]) -> int:
        if self.report["data"] != VALIDATION or self._epoch == "last":
            return epochs[-1]
        best = self.report["best_epoch"]
        if best not in epochs:
            raise ConfigurationError(
                f"{self.path} has no scores of the best epoch ({best}): compare the last ones "
                "with --epoch last, or leave the run out"
            )
        return int(best)

    def _validation_path(self, task: str) -> str | None:
        if self.report["data"] != VALIDATION:
            return None
        path = self._config.get("validation_data_path")
        return path.get(task) if isinstance(path, dict) else path
