"""What makes a trial good: one number of its run, or several."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.files import read_report
from allennlp_heads.reports.gate_history import SCHEMA, VERSION

CLOSED = "closed_share"
"""The share of heads that the gates of the archived weights close, of `heads/gates.json`."""

DIRECTIONS = ("maximize", "minimize")
_BEST = "best_"


class NoValue(Exception):
    """A run is over, but what is searched by is not there."""


@dataclass(frozen=True)
class Objective:
    """
    # Parameters

    name : `str`
        A key of `metrics.json`, or `CLOSED`.
    direction : `str`
        One of `DIRECTIONS`.
    """

    name: str
    direction: str

    def value(self, folder: str | Path) -> float:
        """Of a finished run. Raises `NoValue` that says what is missing."""
        return _closed(Path(folder)) if self.name == CLOSED else self._of_metrics(Path(folder))

    @property
    def name_of_epoch(self) -> str:
        """Of what an epoch itself has, not the best of all so far."""
        return self.name.removeprefix(_BEST)

    def _of_metrics(self, folder: Path) -> float:
        metrics = json.loads((folder / "metrics.json").read_text("utf-8"))
        value = metrics.get(self.name)
        if isinstance(value, (int, float)) and math.isfinite(value):
            return float(value)
        numbers = sorted(key for key, one in metrics.items() if isinstance(one, (int, float)))
        raise NoValue(
            f"metrics.json has no number '{self.name}'; it has {', '.join(numbers)}"
            if value is None
            else f"'{self.name}' is {value}"
        )


def chosen_objectives(
    names: Sequence[str] | None, directions: Sequence[str] | None, trainer: dict[str, Any]
) -> list[Objective]:
    """
    # Parameters

    names : `Sequence[str]`, optional
        By default what the configuration chooses its best epoch by.
    directions : `Sequence[str]`, optional
        One for each; by default losses are made small and everything else large.
    trainer : `Dict[str, Any]`
        Of the configuration.

    Raises `ConfigurationError` when there are more or fewer directions than names.
    """
    metric = trainer.get("validation_metric", "-loss")
    said = f"{_BEST}validation_{metric.lstrip('+-')}" if isinstance(metric, str) else None
    if not names and said is None:
        raise ConfigurationError(
            "--metrics is missing: the configuration chooses its best epoch by several metrics. "
            "Name what is to be searched by, as best_validation_score"
        )
    names = list(names or [str(said)])
    if len(set(names)) < len(names):
        raise ConfigurationError(f"--metrics names one twice: {', '.join(names)}")
    if directions and len(directions) != len(names):
        raise ConfigurationError(
            f"--direction is given {len(directions)} times for {len(names)} metrics: give one for "
            "each, in their order"
        )
    signs = {said: DIRECTIONS[str(metric).startswith("-")]}
    directions = directions or [
        signs.get(name, DIRECTIONS[name.endswith("loss")]) for name in names
    ]
    return [Objective(name, direction) for name, direction in zip(names, directions)]


def _closed(folder: Path) -> float:
    path = folder / "heads" / "gates.json"
    try:
        final = read_report(path, SCHEMA, VERSION)["final"]
    except ConfigurationError as error:
        raise NoValue(f"'{CLOSED}' needs the callback 'gate_report': {error}") from error
    if not final:
        raise NoValue(f"{path} does not say what the gates are in the end")
    shares = [1 - one["open_share"] for one in final["sets"].values()]
    return sum(shares) / len(shares)
