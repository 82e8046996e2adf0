"""What is written of trials that Optuna's importance can make nothing of."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import optuna
import pytest
from allennlp.common.util import SigTermReceived

from allennlp_heads.grid.executor import PlannedRun
from allennlp_heads.search.results import write_results
from allennlp_heads.search.search import search
from tests.search.searches import Metrics, Played, options, score

BOTH = ["best_validation_score", "best_validation_loss"]


def report_of(out: Path, wanted: Any, metrics: Any = score) -> dict[str, Any]:
    """The report of a search."""
    search(wanted, out, lambda: Played(metrics), write_results)
    found: dict[str, Any] = json.loads((out / "search.json").read_text())
    return found


@pytest.mark.parametrize("noise", [0.0, 2e-16])
@pytest.mark.parametrize("value", [0.0, 0.9])
def test_a_metric_that_is_always_the_same_depends_on_nothing(
    value: float, noise: float, tmp_path: Path
) -> None:
    def metrics(run: PlannedRun) -> Metrics:
        rounded = value * (1 + noise * (run.name[-1] in "13"))
        return {**score(run), "best_validation_score": rounded}

    report = report_of(tmp_path / "out", options(tmp_path, trials=5, metrics=BOTH), metrics)
    assert report["importance"].keys() == {"best_validation_loss"}
    alone = report_of(tmp_path / "alone", options(tmp_path, trials=5), metrics)
    assert alone["importance"] == {} and len(alone["trials"]) == 5


@pytest.mark.parametrize("error", [RuntimeError, ValueError])
def test_a_mistake_in_the_importance_costs_nothing_else(
    error: type[Exception],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise error("no trees")

    monkeypatch.setattr(optuna.importance, "get_param_importances", fails)
    with caplog.at_level(logging.WARNING):
        report = report_of(tmp_path / "out", options(tmp_path))
    assert report["importance"] == {} and report["best"]
    assert "What mattered to best_validation_score cannot be said: no trees" in caplog.text


def test_a_signal_ends_the_importance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def ends(*_: Any, **__: Any) -> None:
        raise SigTermReceived

    monkeypatch.setattr(optuna.importance, "get_param_importances", ends)
    with pytest.raises(SigTermReceived):
        report_of(tmp_path / "out", options(tmp_path))
