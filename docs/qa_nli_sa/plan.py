"""Which runs there are: three tasks alone, mixed, and one after the other."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from docs.runs.budget import Budget, configuration, experiment

SST2, MNLI, SQUAD = TASKS = ("sst2", "mnli", "squad")
CLASSIFIED = (SST2, MNLI)
EPOCHS = 4
"""Of a training that switches, whose phases end with one; the others have half as many."""

UNTRAINED = "untrained"
HALF = "half"
"""Ending of the settings that make half the updates, as many as a task gets in a pair."""

_FOLDER = "training_configs/qa_nli_sa"
_OTHER = "classification"
# Tasks are drawn alike, and their losses are left as they are: what a task gets depends on nothing
# but the budget.
_COMMON = {"word_dropout": 0.0, "loss_balancer": None}
_MIXED = {"sampler": {"type": "proportional_power", "exponent": 0}}
_AS_IT_CAME = {"encoder_lr": 0.0, "head_lr": 0.0}


@dataclass(frozen=True)
class QaBudget(Budget):
    """
    What is the same for every run.

    # Parameters

    epochs : `int`, optional (default = `EPOCHS`)
        Parts of a training that switches, after each of which all is scored; a multiple of four.
        Those that do not switch have half as many.
    updates : `int`, optional (default = `1000`)
        Of every training; those of half length make half as many.
    encoder_lr, head_lr : `float`, optional (default = `None`)
        Instead of those of the settings.

    The others are those of `Budget`. Raises `ValueError` where the updates cannot be parted evenly.
    """

    epochs: int | None = EPOCHS
    updates: int = 1000
    encoder_lr: float | None = None
    head_lr: float | None = None

    def __post_init__(self) -> None:
        parts = self.epochs or 0
        if parts < 1 or parts % 4:
            raise ValueError(
                f"epochs is {self.epochs}: phases are quarters, so give a multiple of 4"
            )
        if self.updates < 1 or self.updates % (2 * parts):
            raise ValueError(
                f"updates is {self.updates}: give a multiple of {2 * parts}, so that half as many "
                f"are {parts} equal epochs"
            )


class Setting(NamedTuple):
    """
    How tasks are trained.

    # Parameters

    experiment : `str`
        The path of the configuration in the project.
    tasks : `Tuple[str, ...]`
        What it trains.
    switching : `bool`
        Whether one task is trained after the other, in a quarter, half and quarter of the updates.
    share : `float`, optional (default = `1.0`)
        Of the budget's updates; 0: a single one with rates of 0.
    """

    experiment: str
    tasks: tuple[str, ...]
    switching: bool = False
    share: float = 1.0

    @property
    def phases(self) -> tuple[str, ...]:
        """The task of each phase; nothing where tasks are not switched."""
        if not self.switching:
            return ()
        ends = SQUAD if self.experiment.endswith("squad.jsonnet") else self.classified
        middle = self.classified if ends == SQUAD else SQUAD
        return (ends, middle, ends)

    @property
    def classified(self) -> str:
        """The only task of this kind, where tasks are switched."""
        (task,) = set(self.tasks) & set(CLASSIFIED)
        return task


def half_of(task: str) -> str:
    """The setting of the task alone with half of the updates."""
    return f"{task}_{HALF}"


def _settings() -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    for task in TASKS:
        found[task] = Setting(f"{_FOLDER}/single/{task}.jsonnet", (task,))
    for task in TASKS:
        found[half_of(task)] = found[task]._replace(share=0.5)
    for pair in ((SST2, MNLI), (SST2, SQUAD), (MNLI, SQUAD)):
        name = "_".join(pair)
        found[name] = Setting(f"{_FOLDER}/pair/{name}.jsonnet", pair)
    found["all"] = Setting(f"{_FOLDER}/all.jsonnet", TASKS)
    for task, kind in ((SST2, SQUAD), (MNLI, SQUAD), (SST2, _OTHER), (MNLI, _OTHER)):
        path = f"{_FOLDER}/switching/ends_with_{kind}.jsonnet"
        setting = Setting(path, (task, SQUAD), switching=True)
        found["_".join(setting.phases)] = setting
    found[UNTRAINED] = found["all"]._replace(share=0.0)
    return found


SETTINGS = _settings()
"""By name; those of which the page says most come first."""


class Run(NamedTuple):
    """One training: the name of its setting, and its seed."""

    setting: str
    seed: int

    @property
    def name(self) -> str:
        """Of its folder and its record."""
        return f"{self.setting}.{self.seed}"

    @property
    def experiment(self) -> str:
        """The path of its configuration in the project."""
        return SETTINGS[self.setting].experiment

    @property
    def tasks(self) -> tuple[str, ...]:
        """What it trains."""
        return SETTINGS[self.setting].tasks


def all_runs(seeds: list[int]) -> list[Run]:
    """Every run; all those of the first seeds come first."""
    return [Run(setting, seed) for seed in dict.fromkeys(seeds) for setting in SETTINGS]


def updates_of(run: Run, budget: QaBudget) -> int:
    """How many updates a run makes."""
    return max(1, int(budget.updates * SETTINGS[run.setting].share))


def epochs_of(run: Run, budget: QaBudget) -> int:
    """How often a run is scored: one that does not switch half as often as one that does."""
    if run.setting == UNTRAINED:
        return 1
    epochs = int(budget.epochs or EPOCHS)
    return epochs if SETTINGS[run.setting].switching else epochs // 2


def text_of(run: Run, budget: QaBudget) -> str:
    """The Jsonnet of a run."""
    setting = SETTINGS[run.setting]
    epochs = epochs_of(run, budget)
    length = updates_of(run, budget) // epochs
    rates = {"encoder_lr": budget.encoder_lr, "head_lr": budget.head_lr}
    training: dict[str, Any] = {
        **_COMMON,
        "epochs": epochs,
        **{name: rate for name, rate in rates.items() if rate is not None},
    }
    if len(setting.tasks) > 1 and not setting.switching:
        training |= _MIXED
    if run.setting == UNTRAINED:
        training |= _AS_IT_CAME
    parts = [f"training+: {json.dumps(training)}"]
    parts.append(f"data_loader+: {{ batches_per_epoch: {length} }}")
    if setting.switching:
        parts += [f"classification:: '{setting.classified}'", _phases(budget)]
    return experiment(run.experiment, run.seed, budget, f"{{ {', '.join(parts)} }}")


def configuration_of(run: Run, budget: QaBudget) -> dict[str, Any]:
    """The configuration of a run. Test files are left alone: GLUE's have no labels."""
    return configuration(text_of(run, budget), with_tests=False)


def _phases(budget: QaBudget) -> str:
    """The recipe's phases, each as long as its part of the budget."""
    quarter = budget.updates // 4
    steps = [quarter, 2 * quarter, quarter]
    # a hidden share is none, and cheaper than a copy without it
    phase = f"super.phases[place] + {{ share:: null, steps: {steps}[place] }}"
    return f"phases: [{phase} for place in [0, 1, 2]]"
