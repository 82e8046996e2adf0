"""What a training counts while it trains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from allennlp_heads.training.trained_counts import TrainedCounts
from tests.training.configs import EPOCHS, multitask
from tests.training.runs import train, train_killed


def test_updates_batches_and_examples() -> None:
    counts = TrainedCounts()
    counts.add(0, [["pos", "pos"], ["dep"]])
    counts.add(0, [["pos"]])
    counts.add(2, [["pos", "dep", "pos"]])
    assert counts.report() == {
        "epochs": [0, 2],
        "updates": [2, 1],
        "tasks": {
            "dep": {"batches": [1, 1], "examples": [1, 1]},
            "pos": {"batches": [2, 1], "examples": [3, 2]},
        },
    }


def test_the_state_is_a_copy_to_go_on_from() -> None:
    counts = TrainedCounts()
    counts.add(0, [["pos"]])
    state = json.loads(json.dumps(counts.state()))
    counts.add(0, [["pos"]])
    resumed = TrainedCounts(state)
    resumed.add(0, [["pos"]])
    assert resumed.report() == counts.report()
    assert state["0"]["updates"] == 1


@pytest.fixture(scope="module")
def config(tiny_bert: str, fixtures_root: Path) -> dict[str, Any]:
    return multitask(tiny_bert, fixtures_root)


def trained(folder: Path) -> Any:
    return json.loads((folder / "heads" / "scores" / "scores.json").read_text())["trained"]


def test_a_real_training_counts_its_updates_also_after_a_kill_in_mid_epoch(
    config: dict[str, Any], tmp_path: Path
) -> None:
    config = {**config, "trainer": {**config["trainer"], "num_epochs": 2}}
    train(config, tmp_path / "whole")
    found = trained(tmp_path / "whole")
    # 20 examples in batches of 5 of two tasks, two batches an update
    assert EPOCHS > 2 and found["epochs"] == [0, 1] and found["updates"] == [4, 4]
    for task in ("pos", "dep"):
        assert found["tasks"][task] == {"batches": [4, 4], "examples": [20, 20]}
    train_killed(config, tmp_path / "cut", "batch", 1, 4)
    train(config, tmp_path / "cut", recover=True)
    assert trained(tmp_path / "cut") == found
