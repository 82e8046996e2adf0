"""Resumed runs with sampler, loss balancer, bfloat16, schedule and fused optimizer."""

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training import configs
from tests.training.runs import Unkilled, train_killed


@pytest.fixture(scope="module")
def mixing(
    tiny_bert: str, fixtures_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Unkilled:
    folder = tmp_path_factory.mktemp("mixing") / "run"
    return Unkilled(configs.mixing(tiny_bert, fixtures_root), folder)


def test_the_run_has_something_to_lose(mixing: Unkilled) -> None:
    """Balancer and schedule have moved."""
    last, groups = mixing.left["last"], mixing.left["optimizer"]["param_groups"]
    seen = last["loss_balancer.seen"]
    assert seen.sum() == 8 * configs.EPOCHS
    assert seen.min() > 5 and last["loss_balancer.history"].min() > 0
    assert groups[0]["lr"] == 0.4 and 0 < groups[1]["lr"] < 0.001
    assert all(group["fused"] for group in groups)


@pytest.mark.parametrize(
    "moment",
    [
        ("batch", 0, 2),  # in the warm-up, before the first checkpoint
        ("saved", 2, 3),  # in an epoch, after a checkpoint in its middle
        ("epoch", 2),  # between epochs, before the checkpoint
    ],
    ids=lambda moment: " ".join(map(str, moment)),
)
def test_killed_at(mixing: Unkilled, tmp_path: Path, moment: tuple[Any, ...]) -> None:
    train_killed(mixing.config, tmp_path, *moment)
    mixing.assert_same(tmp_path)


def test_checkpoints_of_the_balancer_have_one_shape(mixing: Unkilled, tmp_path: Path) -> None:
    train_killed(mixing.config, tmp_path, "saved", 0, 3)
    early = torch.load(tmp_path / "model_state_e0_b3.th")
    for name in ("loss_balancer.history", "loss_balancer.seen"):
        assert early[name].shape == mixing.left["last"][name].shape
        assert not torch.equal(early[name], mixing.left["last"][name])
