"""Small searches: a configuration with two hyper-parameters, and trainings that are only played."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from allennlp_heads.grid.executor import DONE, PlannedRun
from allennlp_heads.search.options import SearchOptions
from tests.grid.fake import FakeExecutor, finish

CONFIG = """
local lr = std.parseJson(std.extVar('lr'));
{
  kind: std.extVar('kind'),
  trainer: { num_epochs: 3, validation_metric: '+score', optimizer: { type: 'adam', lr: lr } },
}
"""
SPACE: list[dict[str, Any]] = [
    {"type": "float", "attributes": {"name": "lr", "low": 1e-4, "high": 1.0, "log": True}},
    {"type": "categorical", "attributes": {"name": "kind", "choices": ["a", "b"]}},
]
Metrics = dict[str, float]


def options(folder: Path, **changes: Any) -> SearchOptions:
    """Of files that are written into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    config, space = folder / "config.jsonnet", folder / "hparams.json"
    for path, text in ((config, CONFIG), (space, json.dumps(SPACE))):
        if not path.exists():
            path.write_text(text)
    return SearchOptions(str(config), str(space), **{"trials": 6, **changes})


def by_sampler(folder: Path, kind: str, **attributes: Any) -> str:
    """A file of options with a sampler."""
    path = folder / "optuna.json"
    path.write_text(json.dumps({"sampler": {"type": kind, "attributes": attributes}}))
    return str(path)


def score(run: PlannedRun) -> Metrics:
    """Best at a rate of 0.01 with the kind `b`."""
    rate = run.config["trainer"]["optimizer"]["lr"]
    found = 1 - abs(rate - 0.01) - 0.2 * (run.config["kind"] == "a")
    return {"best_validation_score": found, "best_validation_loss": rate}


class Played(FakeExecutor):
    """
    Parameters are those of `FakeExecutor`, and:

    # Parameters

    metrics : `Callable[[PlannedRun], Metrics]`
        What a run has in the end.
    """

    def __init__(
        self, metrics: Callable[[PlannedRun], Metrics] = score, at_once: int = 1, **more: Any
    ) -> None:
        super().__init__(at_once=at_once, **more)
        self.metrics = metrics

    def poll(self, timeout: float) -> list[Any]:
        """As there, and with metrics."""
        runs = dict(self.going)
        ends = super().poll(timeout)
        for end in ends:
            if end.status == DONE:
                run = runs[end.name]
                finish(run)
                path = Path(run.folder) / "metrics.json"
                path.write_text(json.dumps(self.metrics(run)))
        return ends
