"""All runs of a few-shot experiment, and what they come to."""

import hashlib
import json
import logging
import os
from copy import deepcopy
from typing import Any, Optional, Union

import numpy
import torch
from allennlp.common import Params, Tqdm
from allennlp.common.checks import ConfigurationError, check_for_gpu
from tqdm import tqdm

from allennlp_heads.collect.undisturbed import generators_kept
from allennlp_heads.fewshot.data import FewShotData
from allennlp_heads.fewshot.options import FewShotExperiment
from allennlp_heads.fewshot.runner import FewShotRunner, Scored
from allennlp_heads.fewshot.start import OpenedStart
from allennlp_heads.models.archival import archive_file
from allennlp_heads.reports.fewshot import write_fewshot
from allennlp_heads.reports.fewshot_results import FewShotScores
from allennlp_heads.reports.fewshot_runs import FewShotRun, FewShotRuns
from allennlp_heads.training.run_info import file_digests

logger = logging.getLogger(__name__)

Config = dict[str, Any]
PathLike = Union[str, os.PathLike[str]]

_MAJORITY = (0, 0)
"""The place of the baseline among the runs, which learn from at least one example."""


def few_shot(config_file: str, out: PathLike, cuda_device: int = -1) -> str:
    """
    Fine-tune from every start, with every number of examples and seed, and compare the starts.

    Every finished run is written to `out/runs` at once. Called again with the same configuration,
    or with more starts, seeds or numbers of examples, it does the runs that are missing; the result
    is the same as without a stop.

    # Parameters

    config_file : `str`
        Jsonnet of a `FewShotExperiment`.
    out : `PathLike`
        The folder to write.
    cuda_device : `int`, optional (default = `-1`)

    # Returns

    `str`
        The table in Markdown.

    Raises `ConfigurationError` for whatever is wrong with configuration, data or starts; the files
    `fewshot.*` are then not written.
    """
    check_for_gpu(cuda_device)
    config: Config = Params.from_file(config_file).as_dict(quiet=True)
    experiment = FewShotExperiment.from_params(Params(deepcopy(config)))
    for start in experiment.starts.values():
        if start.archive is not None:
            archive_file(start.archive)
    device = torch.device("cpu" if cuda_device < 0 else cuda_device)
    with generators_kept():
        return _Experiment(config, experiment, out, device).run()


class _Experiment:
    def __init__(
        self, config: Config, experiment: FewShotExperiment, out: PathLike, device: torch.device
    ) -> None:
        self._config = config
        self._experiment = experiment
        self._out = out
        self._device = device
        self._data = FewShotData(experiment.task, experiment.max_validation, device)
        task = experiment.task
        paths = (task.train_data_path, task.validation_data_path)
        self._files = file_digests(paths)
        for number in experiment.examples:  # before hours of training, not after
            self._data.draw(number, experiment.per_class, seed=0)

    def run(self) -> str:
        total = len(self._experiment.starts) * len(self._places)
        runs: dict[str, list[FewShotRun]] = {}
        about: dict[str, Config] = {}
        majority: Optional[FewShotRun] = None
        metric, direction = "", "+"
        with Tqdm.tqdm(total=total, desc="few-shot runs") as progress:
            for name in self._experiment.starts:
                start = OpenedStart(name, self._experiment.starts[name], self._device)
                runner = FewShotRunner(start, self._data, self._experiment)
                store = FewShotRuns(self._out, name, self._fingerprint(start))
                if not runs:
                    majority = self._majority(runner, store)
                runs[name] = self._runs(runner, store, progress)
                about[name] = {
                    **self._config["starts"][name],
                    **start.described(),
                    "trainable_parameters": runner.trainable,
                    "copied_from_head": runner.copied,
                }
                metric, direction = runner.metric, runner.direction
        found = FewShotScores(
            self._data.task,
            metric,
            direction,
            list(runs),
            self._experiment.examples,
            self._experiment.per_class,
            self._scores(runs, metric),
            None if majority is None else majority.metrics[metric],
            self._about(about),
        )
        return write_fewshot(found, self._arrays(runs), self._out)

    @property
    def _places(self) -> list[tuple[int, int]]:
        """Number of examples and seed of each run of a start."""
        seeds = range(self._experiment.seeds)
        return [(number, seed) for number in self._experiment.examples for seed in seeds]

    def _runs(self, runner: FewShotRunner, store: FewShotRuns, progress: tqdm) -> list[FewShotRun]:
        found = []
        for number, seed in self._places:
            run = store.read(number, seed)
            if run is None:
                drawn = self._data.draw(number, self._experiment.per_class, seed)
                run = _kept(drawn, runner.run(number, seed))
                store.write(number, seed, run)
            found.append(run)
            progress.update()
        return found

    def _majority(self, runner: FewShotRunner, store: FewShotRuns) -> Optional[FewShotRun]:
        run = store.read(*_MAJORITY)
        if run is None:
            scored = runner.majority()
            if scored is None:
                return None
            run = _kept([], scored)
            store.write(*_MAJORITY, run)
        return run

    def _fingerprint(self, start: OpenedStart) -> str:
        """Of what decides a run's result, besides its number of examples and seed."""
        decisive = {
            "start": self._config["starts"][start.name],
            "weights": start.digest,
            "files": self._files,
            **{key: self._config.get(key) for key in ("task", "training", "per_class")},
            "max_validation": self._experiment.max_validation,
        }
        return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()

    def _scores(self, runs: dict[str, list[FewShotRun]], metric: str) -> numpy.ndarray:
        """`[starts, examples, seeds]`."""
        scores = numpy.array([[run.metrics[metric] for run in found] for found in runs.values()])
        if not numpy.isfinite(scores).all():
            raise ConfigurationError(f"the metric '{metric}' of some runs is no number")
        return scores.reshape(len(runs), len(self._experiment.examples), -1)

    def _about(self, starts: dict[str, Config]) -> Config:
        return {
            "starts": starts,
            "data_files": self._files,
            "train_examples": self._data.sizes["train"],
            "validation_examples": self._data.sizes["validation"],
            "max_validation": self._experiment.max_validation,
            "head": self._config["task"]["head"],
            "training": vars(self._experiment.training),
        }

    def _arrays(self, runs: dict[str, list[FewShotRun]]) -> dict[str, numpy.ndarray]:
        """Counts `[seeds, validation examples, K]` by start and number of examples."""
        first = next(iter(runs.values()))
        seeds = self._experiment.seeds
        arrays = {"example": first[0].example}
        for place, number in enumerate(self._experiment.examples):
            part = slice(place * seeds, (place + 1) * seeds)
            arrays[f"drawn.{number}"] = numpy.stack([run.drawn for run in first[part]])
            for name, found in runs.items():
                counts = numpy.stack([run.counts for run in found[part]])
                arrays[f"counts.{name}.{number}"] = counts
        return arrays


def _kept(drawn: list[int], scored: Scored) -> FewShotRun:
    order = numpy.argsort(scored.scores.example, kind="stable")
    return FewShotRun(
        numpy.array(drawn, dtype=numpy.int64),
        scored.scores.example[order],
        scored.scores.counts[order],
        scored.metrics,
    )
