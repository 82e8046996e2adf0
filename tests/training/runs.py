"""Tiny real `allennlp train` runs that can be killed at a chosen moment, and what they leave."""

from __future__ import annotations

import json
import logging
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.models import Model
from allennlp.training.callbacks import TrainerCallback
from allennlp.training.checkpointer import Checkpointer
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer
from allennlp.training.trainer import Trainer

import allennlp_heads  # noqa: F401
from allennlp_heads.training import AtomicCheckpointer

Config = dict[str, Any]


class Killed(BaseException):
    """
    Stands for a kill. Nothing catches it, and while it passes through the trainer's `finally`,
    `dying` keeps that from doing what a dead process would not do.
    """


class Moment:
    """Which moment kills: `at` is called with its name and numbers."""

    fatal: tuple[Any, ...] | None = None
    seen: list[tuple[Any, ...]] = []

    @classmethod
    def at(cls, *moment: Any) -> None:
        cls.seen.append(moment)
        if moment == cls.fatal:
            raise Killed(moment)


@TrainerCallback.register("test_kill")
class KillingCallback(TrainerCallback):
    def on_batch(self, trainer: Any, *args: Any, **kwargs: Any) -> None:
        epoch, batch, is_training = args[3], args[4], kwargs["is_training"]
        Moment.at("batch" if is_training else "validation batch", epoch, batch)

    def on_epoch(self, trainer: Any, metrics: Any, epoch: int, *args: Any, **kwargs: Any) -> None:
        Moment.at("epoch", epoch)

    def on_end(self, trainer: Any, metrics: Any = None, *args: Any, **kwargs: Any) -> None:
        if metrics is not None:
            Moment.at("end")


@Checkpointer.register("test_kill")
class KillingCheckpointer(AtomicCheckpointer):
    def save_checkpoint(self, trainer: Trainer) -> None:
        super().save_checkpoint(trainer)
        assert self._written is not None
        Moment.at("saved", *self._written)


def train(config: Config, folder: Path, recover: bool = False) -> Model:
    """What `allennlp train` does, without its command line."""
    handlers, level = logging.root.handlers[:], logging.root.level
    try:
        model = train_model(Params(json.loads(json.dumps(config))), str(folder), recover=recover)
        assert model is not None
        return model
    finally:
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)


def train_killed(config: Config, folder: Path, *moment: Any) -> None:
    """Train until `moment`, which must come."""
    with dying(*moment):
        train(config, folder)


@contextmanager
def dying(*moment: Any) -> Iterator[None]:
    finalize = GradientDescentTrainer._finalize_best_model_state

    def dead(trainer: GradientDescentTrainer) -> None:
        if isinstance(sys.exc_info()[1], Killed):
            trainer._callbacks = []  # whose on_end would come next
        else:
            finalize(trainer)

    Moment.fatal = moment
    try:
        with mock.patch.object(GradientDescentTrainer, "_finalize_best_model_state", dead):
            yield
    except Killed:
        return
    finally:
        Moment.fatal = None
    raise AssertionError(f"the run ended without {moment}; it saw {Moment.seen[-20:]}")


class Unkilled:
    """A configuration and what it leaves when nobody kills it."""

    def __init__(self, config: Config, folder: Path) -> None:
        self.config = config
        Moment.seen.clear()
        self.left = left_by(folder, train(config, folder))
        self.moments = list(Moment.seen)
        epochs = sorted(folder.glob("metrics_epoch_*.json"))
        self.metrics = [json.loads(path.read_text()) for path in epochs]

    def assert_same(self, folder: Path) -> None:
        """Resume the run in `folder`; it must leave what the unkilled one left."""
        model = train(self.config, folder, recover=True)
        assert_equal(left_by(folder, model), self.left)


def left_by(folder: Path, model: Model) -> Config:
    """
    Everything that an unkilled and a resumed run must have in common: weights of the model in
    memory, of best.th, of the archive and of the last checkpoint, optimizer, metrics and reports.
    """
    last = max(folder.glob("training_state_*.th"), key=_point)
    training = torch.load(last)
    with tarfile.open(folder / "model.tar.gz") as archive:
        weights = archive.extractfile("weights.th")
        assert weights is not None
        archived = torch.load(weights)
    metrics = json.loads((folder / "metrics.json").read_text())
    return {
        "model": model.state_dict(),
        "best": torch.load(folder / "best.th"),
        "archive": archived,
        "last": torch.load(str(last).replace("training_state", "model_state")),
        "optimizer": training["optimizer"],
        "average": training.get("moving_average", {}).get("shadows"),
        "tracker": training["metric_tracker"],
        "point": last.name,
        "metrics": {k: v for k, v in metrics.items() if _repeatable(k)},
        "reports": {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted((folder / "heads").rglob("*"))
            if path.is_file()
        },
    }


def assert_equal(found: Any, wanted: Any, where: str = "run") -> None:
    """Equality of nested states, tensors bit by bit, that names the first difference."""
    if isinstance(wanted, dict):
        assert isinstance(found, dict) and found.keys() == wanted.keys(), where
        for key, value in wanted.items():
            assert_equal(found[key], value, f"{where}[{key!r}]")
    elif isinstance(wanted, (list, tuple)):
        assert len(found) == len(wanted), where
        for index, value in enumerate(wanted):
            assert_equal(found[index], value, f"{where}[{index}]")
    elif isinstance(wanted, torch.Tensor):
        assert torch.equal(found, wanted), where
    else:
        assert found == wanted, where


def _repeatable(key: str) -> bool:
    return not key.endswith(("_duration", "_memory_MB"))


def _point(path: Path) -> tuple[int, int]:
    point = AtomicCheckpointer._parse_training_state_path(path)
    assert point is not None
    return point


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """Whether two models have the same weights, bit by bit."""
    return all(torch.equal(one[name], other[name]) for name in other)
