"""Which runs there are: trainings of several tasks, and trainings that go on from one of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from docs.runs.budget import Budget, configuration, experiment
from docs.runs.records import TASKS

FIVE, PAIR, STRUCTURED = "five", "qnli_sst2", "structured"
TRAINED = {
    FIVE: ("mnli", "qqp", "qnli", "sst2", "cola"),
    PAIR: ("qnli", "sst2"),
    STRUCTURED: TASKS,
}
"""What is trained from the pretrained encoder, and its tasks."""

IMPORTANT, RANDOM, BOTTOM, ALL = "important", "random", "bottom", "all"
CONTROLS = (ALL, IMPORTANT, RANDOM, BOTTOM)
"""Which heads the trainings that go on from `FIVE` train."""

ALPHAS, ALPHA = (0.1, 0.3, 0.5), 0.3
"""Shares of the heads that are masked; the share of tables and tests."""

STARTS, START = (0.0, 0.5), 0.0
"""Share of the updates after which only chosen heads are trained; that of tables and tests."""

EXAMPLES = 1000
"""Examples of each task that a training which goes on measures importance on."""

WEIGHTS = "best.th"
"""What a training that goes on starts from, in the folder of the other run."""

_FOLDER = "training_configs/functional_specialization"
_EXPERIMENTS = {
    FIVE: f"{_FOLDER}/joint/five.jsonnet",
    PAIR: f"{_FOLDER}/pair/qnli_sst2.jsonnet",
    STRUCTURED: "training_configs/stem_cell/joint/all.jsonnet",
}
# The study's single rate of 2e-5 for encoder and heads needs far more updates than are made here.
# Heads are masked after the training, by commands of their own.
_SETTINGS = """{
  max_length:: 128,
  importance:: false,
  dissociation:: false,
  training+: { head_lr: 1e-3, warmup: 0.1, grad_norm: 1.0, word_dropout: 0.0 },
}"""


@dataclass(frozen=True)
class SpecializationBudget(Budget):
    """
    What is the same for every run.

    # Parameters

    sentences : `int`, optional (default = `2000`)
        Training examples of each sentence task.
    epochs : `int`, optional (default = `3`)
        Of the sentence tasks.
    structured_sentences, structured_epochs : `int`, optional (default = `1000`, `6`)
        Of the structured tasks.
    scored : `int`, optional (default = `500`)
        Examples of each task that every mask is scored on.
    draws : `int`, optional (default = `3`)
        Random masks of each size.
    masked_again : `int`, optional (default = `0`)
        The seed of the trainings that go on whose heads are masked too; `0`: none. The others are
        those of `Budget`.
    """

    sentences: int | None = 2000
    epochs: int | None = 3
    structured_sentences: int = 1000
    structured_epochs: int = 6
    scored: int = 500
    draws: int = 3
    masked_again: int = 0


class Run(NamedTuple):
    """
    One training.

    # Parameters

    setting : `str`
        A key of `TRAINED`, or one of `CONTROLS`.
    seed : `int`
    alpha : `float`, optional (default = `ALPHA`)
        Of `CONTROLS`: share of the heads that are trained.
    start : `float`, optional (default = `START`)
        Of `CONTROLS`: share of the updates in which all heads are trained.
    """

    setting: str
    seed: int
    alpha: float = ALPHA
    start: float = START

    @property
    def name(self) -> str:
        """Of its folder and its record."""
        if self.source is None:
            return f"{self.setting}.{self.seed}"
        swept = "" if self.is_standard else f".alpha_{self.alpha}.start_{self.start}"
        return f"iat.{self.setting}{swept}.{self.seed}"

    @property
    def is_standard(self) -> bool:
        """Whether it has the alpha and start of tables and tests, and is not only of the sweep."""
        return (self.alpha, self.start) == (ALPHA, START)

    @property
    def source(self) -> Run | None:
        """The run from whose archive this one starts; `None`: from the pretrained encoder."""
        return Run(FIVE, self.seed) if self.setting in CONTROLS else None

    @property
    def tasks(self) -> tuple[str, ...]:
        """What it trains."""
        return TRAINED[self.setting if self.source is None else FIVE]

    @property
    def experiment(self) -> str:
        """The path of its configuration in the project."""
        return _EXPERIMENTS.get(self.setting, f"{_FOLDER}/iat/{self.setting}.jsonnet")


def all_runs(seeds: list[int], sweep_seeds: list[int]) -> list[Run]:
    """Every run; a run comes after the one that it starts from, and the first seeds come first."""
    seeds = list(dict.fromkeys(seeds))
    first = [Run(setting, seed) for seed in seeds for setting in TRAINED]
    then = [Run(setting, seed) for seed in seeds for setting in CONTROLS]
    then += [
        Run(IMPORTANT, seed, alpha, start)
        for seed in dict.fromkeys(sweep_seeds)
        for alpha in ALPHAS
        for start in STARTS
    ]
    return [*first, *dict.fromkeys(then)]


def text_of(run: Run, budget: SpecializationBudget, out: Path) -> str:
    """
    The Jsonnet of a run.

    # Parameters

    run : `Run`
    budget : `SpecializationBudget`
    out : `Path`
        Folder of the runs, where the archive lies that it may start from.
    """
    if run.setting == STRUCTURED:
        own = replace(
            budget, sentences=budget.structured_sentences, epochs=budget.structured_epochs
        )
        return experiment(run.experiment, run.seed, own)
    if run.source is None:
        return experiment(run.experiment, run.seed, budget, _SETTINGS)
    weights = json.dumps(str((out / run.source.name / WEIGHTS).resolve()))
    # the random heads and the examples drawn are the same in all seeds
    chosen = {"alpha": run.alpha, "start": run.start, "examples": EXAMPLES, "seed": 0}
    options = json.dumps(chosen)
    going_on = f"{{ start_from:: {weights}, iat+: {options} }}"
    one = replace(budget, epochs=1)
    return experiment(run.experiment, run.seed, one, f"{_SETTINGS} + {going_on}")


def configuration_of(run: Run, budget: SpecializationBudget, out: Path) -> dict[str, Any]:
    """The configuration of a run. Test files are left alone: GLUE's have no labels."""
    return configuration(text_of(run, budget, out), with_tests=False)
