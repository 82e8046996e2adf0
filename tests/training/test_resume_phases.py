"""Resumed runs in phases: killed before, at and after a switch, in epochs and between them."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training import configs
from tests.training.runs import Unkilled, train_killed


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("phased") / "run"


@pytest.fixture(scope="module")
def phased(tiny_bert: str, fixtures_root: Path, folder: Path) -> Unkilled:
    """From the 12th update on each task trains its important heads, chosen before every other."""
    made = configs.phased(tiny_bert, fixtures_root)
    chosen = {"start": 0.7, "recompute_every": 2, "examples": 3}
    made["trainer"]["callbacks"].insert(2, {"type": "important_head_training", **chosen})
    return Unkilled(made, folder)


def test_the_run_has_something_to_lose(phased: Unkilled) -> None:
    """Moments are those of the last phase's three updates, and the best epoch is in it."""
    state = phased.left["optimizer"]["state"]
    assert {int(moments["step"]) for moments in state.values()} == {3}
    assert phased.left["tracker"]["best_epoch"] == configs.EPOCHS - 1
    report = json.loads(phased.left["reports"]["heads/phases.json"])
    first = [phase["first_update"] for phase in report["phases"]]
    assert first == [0, 3, 5, 8, 11, 13] and report["trained_updates"] == 16


def test_heads_are_chosen_across_a_reset(phased: Unkilled) -> None:
    """What is foretold of the learning rates has their new starts after 5, 8 and 13 updates."""
    report = json.loads(phased.left["reports"]["heads/important_head_training.json"])
    assert [choice["update"] for choice in report["choices"]] == [11, 13, 15]
    five, three = [1 / 2, 1, 3 / 4, 2 / 4, 1 / 4], [1, 2 / 3, 1 / 3]
    rates = [*five, *three, *five, *three]
    assert report["learning_rate_share"] == pytest.approx(sum(rates[11:]) / sum(rates))


@pytest.mark.parametrize(
    "moment",
    [
        ("saved", 0, 3),  # at a switch within an epoch
        ("batch", 1, 3),  # in a phase, with the last checkpoint before its switch
        ("saved", 1, 3),  # in a phase, after a checkpoint in it
        ("epoch", 1),  # where an epoch and a phase end, before their checkpoint
        ("saved", 2, 0),  # the same, after it
        ("saved", 2, 3),  # at a switch that resets a trained head
    ],
    ids=lambda moment: " ".join(map(str, moment)),
)
def test_killed_at(phased: Unkilled, tmp_path: Path, moment: tuple[Any, ...]) -> None:
    train_killed(phased.config, tmp_path, *moment)
    phased.assert_same(tmp_path)


def test_checkpoints_carry_the_heads_first_weights(phased: Unkilled, folder: Path) -> None:
    state = torch.load(folder / "training_state_e4_b0.th", weights_only=True)
    phases = state["callbacks"][1]
    assert phases["begun"] == 5 and set(phases["initial"]) == {"dep", "pos"}
    first = {
        f"heads.{task}.{name}": tensor
        for task, weights in phases["initial"].items()
        for name, tensor in weights.items()
    }
    last = {name: tensor for name, tensor in phased.left["last"].items() if "heads." in name}
    assert first.keys() == last.keys()
    assert not any(torch.equal(first[name], last[name]) for name in first if "weight" in name)
