"""Which runs there are: five tasks alone, ten pairs, all five together; and what each trains."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from allennlp.common.params import evaluate_snippet

from docs.five_tasks.record import TASKS

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "training_configs" / "stem_cell"
FOLDERS = {"single": "STL", "pair": "pair", "joint": "MTL-5"}
"""Folder of the configurations -> name of the system."""


@dataclass(frozen=True)
class Budget:
    """
    What is the same for every run of a table.

    # Parameters

    sentences : `int`, optional (default = `None`)
        Training sentences of each task; `None` takes all.
    epochs : `int`, optional (default = `None`)
        `None`: as the settings say.
    settings : `str`, optional (default = `"training_configs/lib/two_cores.libsonnet"`)
        Settings of the training, a path in the project.
    overlay : `str`, optional (default = `"{}"`)
        Jsonnet of an object that is added to every experiment.
    test_sentences : `int`, optional (default = `None`)
        Test sentences; `None` takes all, as a table needs them.
    """

    sentences: int | None = None
    epochs: int | None = None
    settings: str = "training_configs/lib/two_cores.libsonnet"
    overlay: str = "{}"
    test_sentences: int | None = None


class Run(NamedTuple):
    """One training: its system, tasks, configuration (a path in the project) and seed."""

    system: str
    tasks: tuple[str, ...]
    experiment: str
    seed: int

    @property
    def name(self) -> str:
        """Of its folder and its record."""
        tasks = "all" if self.system == "MTL-5" else "_".join(self.tasks)
        return f"{tasks}.{self.seed}"


def all_runs(seeds: list[int], pair_seeds: list[int]) -> list[Run]:
    """Singles and MTL-5 with every seed, pairs with theirs; the first seeds come first."""
    runs = [
        run
        for folder, system in FOLDERS.items()
        for path in sorted((CONFIGS / folder).glob("*.jsonnet"))
        for run in _runs_of(path, system, pair_seeds if system == "pair" else seeds)
    ]
    order = list(dict.fromkeys([*seeds, *pair_seeds]))
    return sorted(runs, key=lambda run: order.index(run.seed))


def _runs_of(path: Path, system: str, seeds: list[int]) -> list[Run]:
    tasks = tuple(TASKS) if system == "MTL-5" else tuple(path.stem.split("_"))
    if not set(tasks) <= set(TASKS):
        return []
    return [Run(system, tasks, str(path.relative_to(ROOT)), seed) for seed in dict.fromkeys(seeds)]


def experiment(run: Run, budget: Budget) -> str:
    """The Jsonnet of a run: the shipped experiment with seed and budget."""
    epochs = "" if budget.epochs is None else f" + {{ epochs: {budget.epochs} }}"
    shorter = f"max_instances: {json.dumps(budget.sentences)}"
    return (
        f"(import {json.dumps(str(ROOT / run.experiment))}) + {{\n"
        f"  training+: (import {json.dumps(str(ROOT / budget.settings))}){epochs},\n"
        f"  seed: {run.seed},\n"
        f"  data_loader+: {{ {shorter} }},\n"
        f"}} + {budget.overlay}\n"
    )


def configuration(text: str) -> dict[str, Any]:
    """
    The configuration that Jsonnet text describes, with the test files in `test_data_path`. Raises
    `RuntimeError` of the Jsonnet library, with the place, when the text is wrong.
    """
    found: dict[str, Any] = json.loads(
        evaluate_snippet("five_tasks", f"({text}) + {{ test_at_end: true }}")
    )
    return found
