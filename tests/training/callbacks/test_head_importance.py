"""Importance of heads at the end of training, and what training notices of it: nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect import trained
from allennlp_heads.collect.importance import collect_importance
from allennlp_heads.collect.importance_options import ImportanceOptions
from allennlp_heads.reports.importance import read_importance
from allennlp_heads.training.callbacks import HeadImportance
from tests.training.callbacks.reporting import (
    assert_needs_our_encoder,
    assert_not_noticed,
    fail,
    with_callback,
)
from tests.training.configs import Config
from tests.training.runs import Unkilled, train, train_killed

IMPORTANCE: Config = {"examples": 8, "draws": 20, "alpha": 0.5, "batch_size": 3}


def with_importance(config: Config, **options: Any) -> Config:
    options = {"importance": IMPORTANCE, "every_epochs": 1, **options}
    return with_callback(config, "head_importance", **options)


@pytest.fixture(scope="module")
def run(plain: Config, tmp_path_factory: pytest.TempPathFactory) -> tuple[Unkilled, Path]:
    folder = tmp_path_factory.mktemp("importance") / "run"
    return Unkilled(with_importance(plain), folder), folder


def test_training_does_not_notice(
    run: tuple[Unkilled, Path], plain: Config, tmp_path: Path
) -> None:
    assert_not_noticed(run[0], plain, tmp_path / "run")


def test_is_that_of_the_archive(run: tuple[Unkilled, Path]) -> None:
    folder = run[1]
    found = read_importance(folder / "heads")
    with trained(folder) as source:
        data = source.data()
        assert data.sizes == {"dep": 20, "pos": 20}
        for task, scores in found.items():
            wanted = collect_importance(source.model, data, task, ImportanceOptions(**IMPORTANCE))
            numpy.testing.assert_allclose(scores, wanted.scores, rtol=1e-4, atol=1e-9)
    report = json.loads((folder / "heads/importance.json").read_text())
    assert report["seed"] == 7 and report["tasks"]["pos"]["examples"] == 8
    epochs = [read_importance(folder / f"heads/importance_epochs/{epoch}") for epoch in (0, 1)]
    assert not numpy.array_equal(epochs[0]["pos"], epochs[1]["pos"])
    assert any(numpy.array_equal(found["pos"], epoch["pos"]) for epoch in epochs)


@pytest.mark.parametrize("moment", [("epoch", 0), ("saved", 1, 0), ("end",)])
def test_killed_and_resumed(
    run: tuple[Unkilled, Path], tmp_path: Path, moment: tuple[Any, ...]
) -> None:
    assert moment in run[0].moments
    train_killed(run[0].config, tmp_path / "run", *moment)
    run[0].assert_same(tmp_path / "run")


def test_a_failure_costs_nothing(
    plain: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("allennlp_heads.training.callbacks.head_importance.write_importance", fail)
    folder = tmp_path / "run"
    train(with_importance(plain, every_epochs=None, tasks=["pos"]), folder)
    assert (folder / "model.tar.gz").is_file() and not (folder / "heads").exists()
    said = (folder / "out.log").read_text()
    command = f"allennlp heads importance {folder} -o {folder}/importance --examples 8 --alpha 0.5"
    assert "disk full" in said and command in said and "--task pos" in said


@pytest.mark.parametrize(
    "options, message",
    [({"tasks": ["ner"]}, "no tasks \\['ner'\\]"), ({"every_epochs": 0}, "'every_epochs' is 0")],
)
def test_wrong_options(
    plain: Config, tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        train(with_importance(plain, **options), tmp_path / "run")


def test_needs_our_encoder_and_loader(tmp_path: Path) -> None:
    assert_needs_our_encoder(HeadImportance, tmp_path)
