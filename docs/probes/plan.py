"""Which encoders are probed, and how: the untouched one, five tasks alone, all five together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from allennlp_heads.data.paths import resolve
from docs.five_tasks import plan as five_tasks
from docs.runs.budget import Budget, configuration, experiment
from docs.runs.records import TASKS

STATIC, STL, PAIR, MTL = SYSTEMS = ("static", "STL", "pair", "MTL-5")
"""How encoders came about, in the order of the tables."""

TRANSDUCTIVE = "transductive"
"""Last part of the name of a run whose centroids and heads are chosen on what scores."""

TOGETHER = "training_configs/stem_cell/joint/all.jsonnet"
"""Its readers and data files are those of the untouched encoder too."""


@dataclass(frozen=True)
class ProbesBudget(Budget):
    """
    What is the same for every run.

    # Parameters

    sentences : `int`, optional (default = `1000`)
        Training sentences of each task. Probes see all sentences of the files.
    epochs : `int`, optional (default = `6`)
    draws : `int`, optional (default = `1000`)
        Samples of the bootstrap of every interval.
    random_weights : `int`, optional (default = `1`)
        Encoders with random weights, probed beside the untouched one. The others are those of
        `Budget`, of which `test_sentences` limits every role of the probes' data.
    """

    sentences: int | None = 1000
    epochs: int | None = 6
    draws: int = 1000
    random_weights: int = 1


class Run(NamedTuple):
    """
    Probes of one encoder.

    # Parameters

    training : `Optional[docs.five_tasks.plan.Run]`
        `None`: the pretrained encoder as it is.
    held_out : `bool`, optional (default = `True`)
        `False`: the first seed's way, in which test sentences make the centroids, choose the head
        and score it.
    """

    training: five_tasks.Run | None
    held_out: bool = True

    @property
    def system(self) -> str:
        """One of `SYSTEMS`."""
        return STATIC if self.training is None else self.training.system

    @property
    def tasks(self) -> tuple[str, ...]:
        """What is probed: what it was trained for, or everything."""
        return TASKS if self.training is None else self.training.tasks

    @property
    def seed(self) -> int | None:
        """Of the training."""
        return None if self.training is None else self.training.seed

    @property
    def experiment(self) -> str:
        """The path of the configuration in the project that it was trained with."""
        return TOGETHER if self.training is None else self.training.experiment

    @property
    def trained(self) -> str:
        """Name of the folder of its training, the same as of `docs.five_tasks`."""
        return STATIC if self.training is None else self.training.name

    @property
    def name(self) -> str:
        """Of its record."""
        return self.trained if self.held_out else f"{self.trained}.{TRANSDUCTIVE}"


def all_runs(seeds: list[int], pair_seeds: list[int], transductive_seeds: list[int]) -> list[Run]:
    """
    The untouched encoder and every training, each seed's together; then the transductive ones, of
    the untouched encoder and of the tasks alone and all together.
    """
    trainings = five_tasks.all_runs(seeds, pair_seeds)
    first = [Run(None), *(Run(training) for training in trainings)]
    if not transductive_seeds:
        return first
    repeated = five_tasks.all_runs(transductive_seeds, [])
    return [*first, Run(None, False), *(Run(training, False) for training in repeated)]


def text_of(run: Run, budget: ProbesBudget) -> str:
    """The Jsonnet that a run was trained with; of the untouched encoder that of its readers."""
    return experiment(run.experiment, run.seed or 0, budget)


def probe_of(run: Run, budget: ProbesBudget, archive: Path) -> dict[str, Any]:
    """
    What `allennlp-heads heads probe` is asked: the readers and files of the training, test files
    included.

    # Parameters

    run : `Run`
    budget : `ProbesBudget`
    archive : `Path`
        Of the trained model.
    """
    config = configuration(text_of(run, budget))
    source: dict[str, Any] = {"archive": str(archive.resolve())}
    if run.training is None:
        source = {"transformer_model": config["model"]["backbone"]["transformer_model"]}
    # whole files: under the names that a training gave them, its budget would count here too
    paths = {
        key: {task: resolve(path) for task, path in config[key].items()}
        for key in ("train_data_path", "validation_data_path", "test_data_path")
    }
    options = {
        "held_out": run.held_out,
        "sentences": budget.test_sentences,
        "draws": budget.draws,
        # what was trained does not change what random weights give
        "random_weights": budget.random_weights if run.training is None and run.held_out else 0,
        # the transductive scores stand beside the held-out ones, and need nothing else
        "control": run.held_out,
        "trees": run.held_out,
    }
    reader = config["dataset_reader"]
    return {**source, "dataset_reader": reader, **paths, "probes": options, "random_seed": 0}
