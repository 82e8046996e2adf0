"""A worker that is killed: the run goes on with `--recover` as if it had not been."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from torch.multiprocessing.spawn import ProcessException

from tests.distributed.configs import balanced, phased
from tests.distributed.train import left_by, train_together
from tests.training.configs import Config
from tests.training.runs import assert_equal


def _dying(config: Config, **when: int) -> Config:
    """Checkpoints within the epochs; the last batches are those that only some workers have."""
    config["trainer"]["checkpointer"] = {"type": "atomic", "save_every_num_batches": 3}
    config["trainer"]["callbacks"].insert(-1, {"type": "test_die", **when})
    return config


@pytest.mark.parametrize(
    ("make", "when"),
    [
        (balanced, {"worker": 1, "epoch": 1, "update": 2}),
        (phased, {"worker": 0, "epoch": 1, "update": 4}),
    ],
    ids=["the second", "the first, in phases"],
)
def test_a_killed_worker(
    make: Any, when: dict[str, int], tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    config = _dying(make(tiny_bert, fixtures_root), **when)
    (tmp_path / "whole.died").touch()  # this run is not to be killed
    train_together(config, tmp_path / "whole")

    # that it was killed, or that the other one lost it, whatever is noticed first
    with pytest.raises(ProcessException):
        train_together(config, tmp_path / "killed")
    assert (tmp_path / "killed.died").exists()
    train_together(config, tmp_path / "killed", recover=True)

    killed, whole = (_lasting(left_by(tmp_path / name)) for name in ("killed", "whole"))
    assert_equal(killed, whole)


def _lasting(left: dict[str, Any]) -> dict[str, Any]:
    """Of an epoch resumed in its middle the training metrics are those of the batches after it."""
    for metrics in (*left["epochs"], left["metrics"]):
        for name in [name for name in metrics if name.startswith("training_")]:
            del metrics[name]
    return left
