"""Which runs there are: trainings with learned gates, and with masks that were not learned."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import NamedTuple

from allennlp_heads.analysis import magnitude_mask, random_mask
from allennlp_heads.attention import HeadTap, head_magnitudes, load_encoder
from docs.runs.budget import Budget, configuration, experiment
from docs.runs.records import TASKS

GATED, RANDOM, MAGNITUDE = "gated", "random", "magnitude"
SHARED, PER_TASK = "all_shared", "all_per_task"
ALL = "all"
"""The five tasks together without learned gates: baseline of `all_shared` and `all_per_task`."""

SETTINGS = (*TASKS, SHARED, PER_TASK)
WITH_SPREAD = ("pos", "dep", SHARED, ALL)
"""What is run with every seed."""

LOADING = threading.Lock()
"""While transformers loads an encoder it changes settings of the whole process."""


@dataclass(frozen=True)
class PruningBudget(Budget):
    """
    What is the same for every run of the table.

    # Parameters

    settings : `str`, optional (default = `"training_configs/lib/pruning_on_two_cores.libsonnet"`)
    target : `float`, optional (default = `0.5`)
        Share of the heads to close. The other parameters are those of `Budget`.
    """

    settings: str = "training_configs/lib/pruning_on_two_cores.libsonnet"
    target: float = 0.5


class Run(NamedTuple):
    """
    One training: `gated`, `random` or `magnitude`, its setting (tasks and gates), its configuration
    (a path in the project) and seed.
    """

    kind: str
    setting: str
    experiment: str
    seed: int

    @property
    def name(self) -> str:
        """Of its folder and its record."""
        kind = "" if self.kind == GATED else f".{self.kind}"
        return f"{self.setting}{kind}.{self.seed}"

    @property
    def tasks(self) -> tuple[str, ...]:
        """Whose scores it gives."""
        return (self.setting,) if self.setting in TASKS else TASKS


def all_runs(seeds: list[int], other_seeds: list[int]) -> list[Run]:
    """Every run; those of the first seed come first, and of each seed those of several tasks."""
    runs = [
        Run(GATED, setting, f"training_configs/stem_cell/gate/{setting}.jsonnet", seed)
        for setting in SETTINGS
        for seed in (seeds if setting in WITH_SPREAD else other_seeds)
    ]
    for kind in (RANDOM, MAGNITUDE):
        for setting in (*TASKS, ALL):
            folder = "joint" if setting == ALL else "single"
            path = f"training_configs/stem_cell/{folder}/{setting}.jsonnet"
            for seed in seeds if setting in WITH_SPREAD else other_seeds:
                runs.append(Run(kind, setting, path, seed))
    order = list(dict.fromkeys([*seeds, *other_seeds]))
    # long ones first, or the last of them would keep one job busy while the others idle
    return sorted(
        dict.fromkeys(runs), key=lambda run: (order.index(run.seed), run.setting in TASKS)
    )


def text_of(run: Run, budget: PruningBudget) -> str:
    """The Jsonnet of a run."""
    if run.kind == GATED:
        aim = f"{{ target: {budget.target} }}"
    else:
        aim = _fixed(mask_of(run, budget))
    return experiment(run.experiment, run.seed, budget, aim)


def mask_of(run: Run, budget: PruningBudget) -> list[list[int]]:
    """
    The heads of a baseline: one row of 0s and 1s a layer, chosen from the pretrained encoder before
    any training.
    """
    plain = configuration(experiment(run.experiment, run.seed, budget))
    with LOADING:
        encoder = load_encoder(plain["model"]["backbone"]["transformer_model"])
    heads = HeadTap(encoder).heads
    keep = kept_of(sum(heads), budget.target)
    if run.kind == RANDOM:
        mask = random_mask(heads, keep, run.seed)
    else:
        mask = magnitude_mask(head_magnitudes(encoder).numpy(), keep)
    return [row[:number].astype(int).tolist() for row, number in zip(mask, heads, strict=True)]


def kept_of(heads: int, target: float) -> int:
    """How many heads are left when a share of them is closed."""
    return heads - round(target * heads)


def _fixed(mask: list[list[int]]) -> str:
    # nothing to learn: the optimizer and the callbacks are those of a training without gates
    gates = f"{{ type: 'fixed', mask: {json.dumps(mask)} }}"
    return f"{{ gates:: {gates}, training+: {{ gated:: false }} }}"
