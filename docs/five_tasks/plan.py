"""Which runs there are: five tasks alone, ten pairs, all five together; and what each trains."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from docs.runs.budget import ROOT
from docs.runs.records import TASKS

CONFIGS = ROOT / "training_configs" / "stem_cell"
FOLDERS = {"single": "STL", "pair": "pair", "joint": "MTL-5"}
"""Folder of the configurations -> name of the system."""


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
