"""What begins again in a phase: with several optimizers in one, and what cannot begin again."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.training.learning_rate_schedulers import LinearWithFractionalWarmup
from allennlp_heads.training.phase_resets import (
    initial_weights,
    reset_head,
    reset_optimizer,
    restart_schedule,
)
from tests.training import configs
from tests.training.pieces import Watching, model_and_loader, trainer_of

MULTI = {
    "type": "multi",
    "optimizers": {"default": {"type": "adamw"}, "own": {"type": "adam", "lr": 0.01}},
    "parameter_groups": [[["heads"], {"optimizer_name": "own"}]],
}


@pytest.fixture
def trainer(tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> Any:
    """After an epoch with two optimizers, one of them for the heads."""
    config = configs.multitask(tiny_bert, fixtures_root)
    config["data_loader"] |= {"max_instances": 5}
    model, loader = model_and_loader(config)
    watching = Watching(lambda trainer: None)
    made: Any = trainer_of(model, loader, tmp_path, watching, num_epochs=1, optimizer=MULTI)
    made.train()
    return made


def moments(trainer: Any) -> dict[str, set[str]]:
    """The parameters that each of the optimizers remembers something of."""
    names = {id(parameter): name for name, parameter in trainer.model.named_parameters()}
    return {
        key: {names[id(parameter)] for parameter in optimizer.state}
        for key, optimizer in trainer.optimizer.optimizers.items()
    }


def test_a_head_is_forgotten_by_its_own_optimizer(trainer: Any) -> None:
    before = moments(trainer)
    dep = {name for name in before["own"] if name.startswith("heads.dep.")}
    assert dep and before["own"] - dep and before["default"]
    first = {
        name: torch.full_like(t, 0.5) for name, t in trainer.model.heads["dep"].state_dict().items()
    }
    reset_head(trainer, "dep", first)
    assert moments(trainer) == {"own": before["own"] - dep, "default": before["default"]}
    assert initial_weights(trainer, ["dep"])["dep"].keys() == first.keys()
    for name, tensor in trainer.model.heads["dep"].state_dict().items():
        assert torch.equal(tensor, first[name])


def test_every_optimizer_is_forgotten(trainer: Any) -> None:
    assert all(moments(trainer).values())
    reset_optimizer(trainer)
    assert moments(trainer) == {"own": set(), "default": set()}


def test_a_momentum_scheduler_cannot_start_again() -> None:
    parameter = torch.nn.Parameter(torch.zeros(1))
    schedule = LinearWithFractionalWarmup(torch.optim.SGD([parameter], 0.1), 2, 10, 0.0)
    for rates in (None, schedule):
        trainer: Any = SimpleNamespace(_learning_rate_scheduler=rates, _momentum_scheduler=object())
        restart_schedule(trainer, [0])  # a training begins so anyway
        with pytest.raises(ConfigurationError, match="and no momentum_scheduler"):
            restart_schedule(trainer, [0, 4])
        trainer._momentum_scheduler = None
        restart_schedule(trainer, [0, 4])


def test_a_model_without_heads_has_none_to_reset() -> None:
    trainer: Any = SimpleNamespace(model=torch.nn.Linear(1, 1))
    with pytest.raises(ConfigurationError, match="reset the head of 'dep', but the model has no"):
        initial_weights(trainer, ["dep"])
