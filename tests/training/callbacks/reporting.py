"""What is asked of every callback that reports when a training is over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.training.callbacks import TrainerCallback

from tests.training.configs import Config
from tests.training.pieces import copied
from tests.training.runs import Unkilled, assert_equal, left_by, train


def with_callback(config: Config, callback: str, **options: Any) -> Config:
    """The training with this callback, which does not come last."""
    config = copied(config)
    config["trainer"]["callbacks"].insert(1, {"type": callback, **options})
    return config


def assert_not_noticed(run: Unkilled, plain: Config, folder: Path) -> None:
    """The training ends as it does without the callback."""
    left = left_by(folder, train(plain, folder))
    for key in ("model", "best", "archive", "last", "optimizer", "metrics"):
        assert_equal(run.left[key], left[key], key)


def assert_needs_our_encoder(callback: Callable[[str], TrainerCallback], folder: Path) -> None:
    """Another model is refused before the training."""

    class Trainer:
        model = torch.nn.Linear(2, 2)

    with pytest.raises(ConfigurationError, match="has no 'gated_transformer'"):
        callback(str(folder)).on_start(Trainer())  # type: ignore[arg-type]


def fail(*args: Any, **options: Any) -> None:
    """In place of what writes a report."""
    raise OSError("disk full")
