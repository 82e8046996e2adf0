"""Two workers train what one process trains that accumulates as many batches to an update."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.distributed import plugins  # noqa: F401
from tests.distributed.configs import balanced, per_task, phased
from tests.distributed.train import assert_close, left_by, train_alone, train_together
from tests.training.configs import Config

WORLD = 2


@pytest.mark.parametrize("make", [balanced, per_task, phased])
def test_weights_and_scores_are_those_of_one_process(
    make: Callable[..., Config], tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    config = make(tiny_bert, fixtures_root)
    each = config["trainer"]["num_gradient_accumulation_steps"]
    train_alone(config, tmp_path / "one", accumulated=WORLD * each)
    train_together(config, tmp_path / "two", WORLD)

    assert_close(left_by(tmp_path / "two"), left_by(tmp_path / "one"))


def test_allennlps_own_accelerator_trains_the_same(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    config = per_task(tiny_bert, fixtures_root)
    torch = {"type": "torch", "find_unused_parameters": True}
    train_together(config, tmp_path / "torch", WORLD, ddp_accelerator=torch)
    train_together(config, tmp_path / "ours", WORLD)
    assert_close(left_by(tmp_path / "ours"), left_by(tmp_path / "torch"))
