"""Resumed runs with gates of single tasks, some of which become final in mid-training."""

from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.training.callbacks import TrainerCallback

from allennlp_heads.gates import chosen_heads
from tests.training import configs
from tests.training.runs import Unkilled, train_killed

KEEP = 5


@TrainerCallback.register("test_binarize")
class Binarizing(TrainerCallback):
    """Makes the gates of `pos` final after the second epoch and those of `dep` after the third."""

    alpha: dict[str, torch.Tensor] = {}

    def on_epoch(self, trainer: Any, metrics: Any, epoch: int, *args: Any, **kwargs: Any) -> None:
        task = {1: "pos", 2: "dep"}.get(epoch)
        if task is not None:
            gates = trainer.model.gates
            gates.binarize(chosen_heads(gates, keep=KEEP, task=task), task)
            self.alpha[task] = gates.of(task).log_alpha.detach().clone()


def config(encoder: str, data: Path) -> configs.Config:
    made = configs.multitask(encoder, data)
    made["model"]["backbone"]["gates"] = {
        "type": "per_task",
        "tasks": ["pos", "dep"],
        "gates": {"type": "hard_concrete", "coefficient": 0.05},
        "overlap": 0.1,
    }
    trainer = made["trainer"]
    trainer["optimizer"] = {
        "type": "adamw",
        "lr": 0.01,
        "weight_decay": 0.1,
        "parameter_groups": [[["log_alpha"], {"lr": 0.4}]],
    }
    trainer["callbacks"].insert(2, "test_binarize")
    return made


@pytest.fixture(scope="module")
def unkilled(
    tiny_bert: str, fixtures_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Unkilled:
    folder = tmp_path_factory.mktemp("per_task") / "run"
    return Unkilled(config(tiny_bert, fixtures_root), folder)


def test_the_run_has_something_to_lose(unkilled: Unkilled) -> None:
    """
    Both tasks' gates have moved, differently, and are final at the end; from then on neither
    weight decay nor Adam's moments moved them.
    """
    last = unkilled.left["last"]
    key = "backbone.encoder.gates.by_task.{}.{}"
    alpha = [last[key.format(task, "log_alpha")] for task in ("pos", "dep")]
    assert not torch.equal(*alpha) and all(a.min() < 2 for a in alpha)
    assert all(map(torch.equal, alpha, (Binarizing.alpha[task] for task in ("pos", "dep"))))
    kept = [last[key.format(task, "kept")] for task in ("pos", "dep")]
    assert all(k.sum() == KEEP and ((k == 0) | (k == 1)).all() for k in kept)


@pytest.mark.parametrize(
    "moment",
    [
        ("saved", 1, 3),  # while all gates are learned
        ("epoch", 2),  # those of one task are final; the checkpoint is from before the others'
        ("batch", 3, 1),  # all are
    ],
    ids=lambda moment: " ".join(map(str, moment)),
)
def test_killed_at(unkilled: Unkilled, tmp_path: Path, moment: tuple[Any, ...]) -> None:
    train_killed(unkilled.config, tmp_path, *moment)
    unkilled.assert_same(tmp_path)
