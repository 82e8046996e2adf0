"""An executor that trains nothing, but leaves the files of a training."""

from __future__ import annotations

import json
import random
import tarfile
from collections.abc import Callable
from pathlib import Path

from allennlp_heads.grid.executor import DONE, PlannedRun, RunEnd

Outcome = Callable[[PlannedRun, int], int]
"""Of a run and the number of its attempt, from 1, the status."""


def planned(out: Path, name: str, after: tuple[str, ...] = (), **config: object) -> PlannedRun:
    """A run in a folder."""
    hidden = out / ".grid"
    return PlannedRun(
        name,
        str(out / name),
        {"trainer": {"num_epochs": 2}, **config},
        after,
        log=str(hidden / f"{name}.log"),
        lock=str(hidden / f"{name}.lock"),
        aside=str(hidden / f"aside-{name}"),
    )


def begin(run: PlannedRun, epochs: int = 1) -> None:
    """Leave what a training has after so many epochs."""
    folder = Path(run.folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(run.config))
    for epoch in range(epochs):
        (folder / f"metrics_epoch_{epoch}.json").write_text("{}")
        (folder / f"training_state_e{epoch}_b0.th").write_bytes(b"")


def finish(run: PlannedRun) -> None:
    """Leave what a complete training has."""
    begin(run)
    (Path(run.folder) / "metrics.json").write_text(json.dumps({"best_validation_loss": 1.0}))
    with tarfile.open(Path(run.folder) / "model.tar.gz", "w:gz") as archive:
        archive.add(Path(run.folder) / "config.json", "config.json")


class FakeExecutor:
    """
    # Parameters

    outcome : `Outcome`
    at_once : `int`
        Runs at a time.
    seed : `int`
        Attempts end in an order drawn with it.
    """

    def __init__(
        self, outcome: Outcome = lambda run, attempt: DONE, at_once: int = 2, seed: int = 0
    ) -> None:
        self.outcome = outcome
        self.at_once = at_once
        self.started: list[str] = []
        self.anew: list[str] = []
        self.ended: list[str] = []
        self.going: dict[str, PlannedRun] = {}
        self.most = 0
        self.closed = False
        self._random = random.Random(seed)

    def check(self, run: PlannedRun) -> None:
        """Everything fits."""

    def fits(self, run: PlannedRun) -> bool:
        """A place is free."""
        return len(self.going) < self.at_once

    def start(self, run: PlannedRun, anew: bool) -> None:
        """Note it."""
        assert run.name not in self.going
        self.started.append(run.name)
        self.anew += [run.name] * anew
        self.going[run.name] = run
        self.most = max(self.most, len(self.going))

    def poll(self, timeout: float) -> list[RunEnd]:
        """One of those that are going ends."""
        if not self.going or timeout == 0:
            return []
        run = self.going.pop(self._random.choice(sorted(self.going)))
        status = self.outcome(run, self.started.count(run.name))
        if status == DONE:
            finish(run)
        self.ended.append(run.name)
        return [RunEnd(run.name, status)]

    def close(self) -> None:
        """Forget all."""
        self.going.clear()
        self.closed = True
