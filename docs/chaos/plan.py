"""What is tried: the table of faults, and a grid that is trained twice, once in peace."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import NamedTuple

from docs.runs.budget import ROOT, Budget

FAULTS, UNDISTURBED, DISTURBED, RECORDS = "faults", "undisturbed", "disturbed", "records"

GATES = {"type": "hard_concrete", "coefficient": 0.05}
TRAINING = {"gates_lr": 0.1, "gates_schedule": {}}
"""So that there is something to lose, every run has gates, which move in a few updates."""


@dataclass(frozen=True)
class ChaosBudget(Budget):
    """
    # Parameters

    sentences : `int`, optional (default = `120`)
        Training sentences of each task of a run.
    epochs : `int`, optional (default = `3`)
    settings : `str`, optional (default = `"training_configs/grid/pairs.jsonnet"`)
        A grid, a path in the project; `overlay` is added to it.
    dev_sentences : `int`, optional (default = `100`)
    save_every : `int`, optional (default = `5`)
        Updates between checkpoints, so that runs also go on in the middle of an epoch.
    kills : `int`, optional (default = `5`)
    kill_seed : `int`, optional (default = `0`)
        Of the moments.
    moments : `int`, optional (default = `4`)
        How many moments of a work the table of faults tries.
    """

    sentences: int | None = 120
    epochs: int | None = 3
    settings: str = "training_configs/grid/pairs.jsonnet"
    dev_sentences: int = 100
    save_every: int = 5
    kills: int = 5
    kill_seed: int = 0
    moments: int = 4


class Stage(NamedTuple):
    """
    # Parameters

    name : `str`
        `FAULTS`, `UNDISTURBED`, `DISTURBED`, or `RECORDS`, which writes what the others left.
    """

    name: str

    @property
    def experiment(self) -> str:
        """What is run, a path in the project."""
        return "tests/faults" if self.name == FAULTS else ChaosBudget.settings


def all_stages() -> list[Stage]:
    """In their order."""
    return [Stage(name) for name in (FAULTS, UNDISTURBED, DISTURBED, RECORDS)]


def grid_of(budget: ChaosBudget) -> str:
    """The Jsonnet of the grid, the same for both stages."""
    settings = json.dumps(str(ROOT / budget.settings))
    data = {
        "sentences": budget.sentences,
        "dev_sentences": budget.dev_sentences,
        "epochs": budget.epochs,
    }
    checkpointer = {"type": "atomic", "save_every_num_batches": budget.save_every}
    training = {**TRAINING, "checkpointer": checkpointer}
    return (
        f"local base = (import {settings}) {{ slice:: {json.dumps(data)} }} + {budget.overlay};\n"
        f"local gated = {{ gates: {json.dumps(GATES)}, training+: {json.dumps(training)} }};\n"
        "base {\n"
        "  runs: {\n"
        "    [name]: base.runs[name] { config+: gated }\n"
        "    for name in std.objectFields(base.runs)\n"
        "  },\n"
        "}\n"
    )


def moments_of(budget: ChaosBudget, seconds: float) -> list[float]:
    """
    When to kill, in seconds from each start of the command. Even if each comes as late as it can,
    all come before a grid is done that takes `seconds`, since what is lost must be done again.
    """
    drawn = random.Random(budget.kill_seed)
    return [drawn.uniform(0, 0.9 * seconds / budget.kills) for _ in range(budget.kills)]
