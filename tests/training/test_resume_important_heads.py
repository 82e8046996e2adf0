"""Killed and resumed runs that end with important-head training."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.training import configs
from tests.training.runs import Unkilled, train_killed


@pytest.fixture(scope="module")
def unkilled(
    tiny_bert: str, fixtures_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Unkilled:
    """16 updates with every kind of noise; masks after the 6th, the 9th, the 12th and the 15th."""
    made = configs.multitask(tiny_bert, fixtures_root)
    made["trainer"]["optimizer"] = {"type": "adamw_fused", "lr": 0.01, "weight_decay": 0.1}
    made["trainer"]["callbacks"] = [
        "test_kill",
        {"type": "important_head_training", "start": 0.375, "recompute_every": 3, "examples": 7},
        "exact_resume",
    ]
    return Unkilled(made, tmp_path_factory.mktemp("important") / "run")


def test_the_run_has_something_to_lose(unkilled: Unkilled) -> None:
    report = json.loads(unkilled.left["reports"]["heads/important_head_training.json"])
    assert [choice["update"] for choice in report["choices"]] == [6, 9, 12, 15]
    assert (report["first_update"], report["updates"]) == (6, 16)
    masks = [json.dumps(choice["masks"]) for choice in report["choices"]]
    assert len(set(masks)) > 1
    assert report["choices"][0]["examples"] == {"dep": 7, "pos": 7}


@pytest.mark.parametrize(
    "moment",
    [
        ("batch", 1, 1),  # before the phase
        ("batch", 1, 3),  # after the masks were made, before a checkpoint has them
        ("saved", 1, 3),
        ("epoch", 2),  # between epochs of the phase, before the checkpoint
        ("saved", 2, 0),
        ("batch", 2, 4),  # after masks were made anew
        ("end",),
    ],
    ids=lambda moment: " ".join(map(str, moment)),
)
def test_killed_at(unkilled: Unkilled, tmp_path: Path, moment: tuple[Any, ...]) -> None:
    train_killed(unkilled.config, tmp_path, *moment)
    unkilled.assert_same(tmp_path)
