"""A trained archive in its three forms, scored on the test files: gated, binarised, removed."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import torch
from allennlp.models.archival import load_archive

from allennlp_heads.gates import chosen_heads
from allennlp_heads.training.callbacks.gate_report import find_gates
from docs.pruning.plan import LOADING, PruningBudget
from docs.record_result import scores_of
from docs.runs import console
from docs.runs.records import saved_counts

THRESHOLD = 0.5
"""A head whose evaluation gate is above stays."""

WHOLE = "gates"
"""Name of the set of gates that all tasks share."""

Data = dict[str, str]


class Stages:
    """
    Scores the forms of one archive, each once: what has its files is not done again.

    # Parameters

    folder : `Path`
        Of the trained run.
    tests : `Dict[str, str]`
        Task -> test file.
    budget : `PruningBudget`
    threads : `int`
    """

    def __init__(self, folder: Path, tests: Data, budget: PruningBudget, threads: int) -> None:
        self.minutes = 0.0
        """What was done here took."""
        self.resumed = False
        """Whether some of it was done before, and is not in `minutes`."""
        self._folder = folder
        self._tests = tests
        self._budget = budget
        self._threads = threads
        self._archive = folder / "model.tar.gz"

    def as_trained(self, name: str) -> None:
        """Score the archive as it is."""
        self._score(name, self._archive, self._tests)

    def binarised(self, name: str) -> None:
        """Score the archive with gates of 0 and 1."""
        weights = self._folder / f"{name}.th"
        if not self._is_scored(name):
            with LOADING:
                binarise(self._archive, weights)
        self._score(name, self._archive, self._tests, weights)

    def removed(self, name: str, set_name: str) -> None:
        """Remove the closed heads of a set of gates and score the smaller archive by itself."""
        pruned = self.pruned(set_name)
        task = [] if set_name == WHOLE else ["--task", set_name]
        if not (pruned / "heads" / "pruning.json").is_file():
            words = ["heads", "prune", str(self._archive), "-o", str(pruned)]
            started = time.monotonic()
            options = ["--threshold", str(THRESHOLD), *task]
            console.heads([*words, *options], self._folder, self._threads)
            self.minutes += (time.monotonic() - started) / 60
        tests = {set_name: self._tests[set_name]} if task else self._tests
        self._score(name, pruned / "model.tar.gz", tests)

    def pruned(self, set_name: str) -> Path:
        """The folder of the smaller archive."""
        return self._folder / f"pruned.{set_name}"

    def results(self, *names: str) -> dict[str, Any]:
        """Scores and counts of these evaluations together, each of which has tasks of its own."""
        found: dict[str, Any] = {"scores": {}, "counts": {}}
        for name in names:
            metrics = json.loads((self._folder / f"{name}.json").read_text("utf-8"))
            found["scores"] |= scores_of(metrics)
            for task in self._report(name)["tasks"]:
                found["counts"][task] = saved_counts(self._folder / f"{task}.{name}.npz")
        return found

    def metrics(self, name: str) -> dict[str, str]:
        """Task -> the name of its main metric."""
        tasks = self._report(name)["tasks"]
        return {task: found["metric"] for task, found in tasks.items()}

    def _score(self, name: str, archive: Path, tests: Data, weights: Path | None = None) -> None:
        if self._is_scored(name):
            self.resumed = True
            return
        output = self._folder / f"{name}.json"
        self.minutes += console.score(
            archive, tests, output, self._budget, self._folder, self._threads, weights
        )

    def _is_scored(self, name: str) -> bool:
        # the last file that an evaluation writes
        return (self._folder / f"scores.{name}.json").is_file()

    def _report(self, name: str) -> dict[str, Any]:
        report = json.loads((self._folder / f"scores.{name}.json").read_text("utf-8"))
        return dict(report)


def binarise(archive: Path, weights: Path) -> None:
    """Write the weights of an archive, its gates set to 0 and 1 by the threshold, to `weights`."""
    model = load_archive(archive).model
    for found in find_gates(model).values():
        kept = chosen_heads(found.gates, THRESHOLD, task=found.task)
        found.gates.binarize(kept, found.task)
    torch.save(model.state_dict(), weights)
