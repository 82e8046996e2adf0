"""What the benchmark of grids trains, without its clock."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import benchmarks.grid as benchmark
from allennlp_heads.grid.plan import plan_runs
from tests.training.runs import train


def test_twelve_runs_that_train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    benchmark.prepared(tmp_path)
    monkeypatch.chdir(tmp_path)
    runs = plan_runs("grid.json", "out")
    assert len({run.name for run in runs}) == 12
    config = json.loads((tmp_path / "pos.json").read_text())
    model = train(config, tmp_path / "run")
    assert model.backbone.encoder.layers == 2  # type: ignore[union-attr]


def test_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "prepared", lambda folder: None)
    monkeypatch.setattr(benchmark, "train_alone", lambda folder, number: 10.0)
    monkeypatch.setattr(benchmark, "grid", lambda folder, jobs: 60.0 / jobs)
    assert list(benchmark.main().values()) == [4.0, -5.0, 2.0]
