"""Resumed runs of AllenNLP's own model, loader and options, with all pictures."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.training import configs
from tests.training.runs import Unkilled, left_by, same, train, train_killed


@pytest.fixture(scope="module")
def tagger(
    tiny_bert: str, fixtures_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Unkilled:
    folder = tmp_path_factory.mktemp("tagger") / "run"
    return Unkilled(configs.simple_tagger(tiny_bert, fixtures_root), folder)


@pytest.mark.parametrize("moment", [("batch", 1, 3), ("saved", 2, 0), ("end",)])
def test_allennlps_own_model_loader_and_moving_average(
    tagger: Unkilled, tmp_path: Path, moment: tuple[Any, ...]
) -> None:
    train_killed(tagger.config, tmp_path, *moment)
    tagger.assert_same(tmp_path)


def test_without_the_callback_allennlps_parts_drift(tagger: Unkilled, tmp_path: Path) -> None:
    config = json.loads(json.dumps(tagger.config))
    config["trainer"]["callbacks"].remove("exact_resume")
    train_killed(config, tmp_path, "batch", 1, 3)
    model = train(config, tmp_path, recover=True)
    assert not same(left_by(tmp_path, model)["last"], tagger.left["last"])


def test_epochs_without_validation(tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> None:
    config = configs.multitask(tiny_bert, fixtures_root)
    skip = {"type": "should_validate_callback", "validation_start": 1, "validation_interval": 2}
    config["trainer"]["callbacks"].insert(0, skip)
    unkilled = Unkilled(config, tmp_path / "whole")
    assert ("validation batch", 0, 1) not in unkilled.moments
    assert ("validation batch", 2, 1) in unkilled.moments
    train_killed(config, tmp_path / "cut", "batch", 2, 2)
    unkilled.assert_same(tmp_path / "cut")
