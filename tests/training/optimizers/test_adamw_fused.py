"""`adamw_fused` against AllenNLP's `adamw`."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.training.optimizers import Optimizer

from allennlp_heads.training.optimizers import AdamWFused
from tests.training import configs
from tests.training.pieces import Watching, model_and_loader, quiet, trainer_of

OPTIONS = [
    {},
    {"lr": 0.05, "betas": [0.8, 0.99], "eps": 1e-6, "weight_decay": 0.3},
    {"amsgrad": True, "weight_decay": 0.0},
    {"parameter_groups": [[["bias"], {"lr": 0.1, "weight_decay": 0.0}], [["no_such"], {}]]},
]


def network() -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(5, 7), torch.nn.Tanh(), torch.nn.Linear(7, 3))


def optimizer_of(kind: str, network: torch.nn.Module, options: dict[str, Any]) -> Any:
    params = Params(copy.deepcopy({"type": kind, **options}))
    return Optimizer.from_params(params, model_parameters=list(network.named_parameters()))


def train(network: torch.nn.Module, optimizer: Any, steps: range) -> None:
    for step in steps:
        inputs = torch.randn(4, 5, generator=torch.Generator().manual_seed(step))
        optimizer.zero_grad()
        outputs = network(inputs)
        # now and then a layer has no gradient, as a head whose task is not in the update
        (outputs if step % 3 else outputs.detach() + network[2].bias).pow(2).sum().backward()
        optimizer.step()


@pytest.mark.parametrize("options", OPTIONS)
def test_equals_adamw(options: dict[str, Any]) -> None:
    networks = [network(), network()]
    for kind, one in zip(("adamw", "adamw_fused"), networks):
        train(one, optimizer_of(kind, one, options), range(1, 21))
    for plain, fused in zip(networks[0].parameters(), networks[1].parameters()):
        torch.testing.assert_close(fused, plain, rtol=0, atol=1e-6)
    assert not torch.equal(networks[0][0].weight, network()[0].weight)  # type: ignore[index]


def test_is_fused() -> None:
    made = optimizer_of("adamw_fused", network(), OPTIONS[3])
    assert isinstance(made, AdamWFused)
    assert all(group["fused"] for group in made.param_groups)


def test_goes_on_from_its_state() -> None:
    whole, cut = network(), network()
    train(whole, optimizer_of("adamw_fused", whole, {}), range(12))
    first = optimizer_of("adamw_fused", cut, {})
    train(cut, first, range(7))
    second = optimizer_of("adamw_fused", cut, {})
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    train(cut, second, range(7, 12))
    assert all(map(torch.equal, whole.parameters(), cut.parameters()))


def test_clipped_by_the_trainer(tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> None:
    """The same weights as with `adamw` when the norm of all gradients is clipped hard."""
    config = quiet(configs.multitask(tiny_bert, fixtures_root))
    weights = []
    for kind in ("adamw", "adamw_fused"):
        torch.manual_seed(0)
        model, loader = model_and_loader(config)
        watching = Watching(lambda trainer: _norm(trainer.model))
        trainer_of(
            model,
            loader,
            tmp_path / kind,
            watching,
            num_epochs=1,
            grad_norm=0.01,
            # a large eps: else Adam's first steps are signs, which rounding can turn
            optimizer={"type": kind, "lr": 1e-3, "eps": 1e-3},
        ).train()
        assert watching.seen == pytest.approx([0.01] * 8, rel=1e-3)
        weights.append(model.state_dict())
    for name, plain in weights[0].items():
        torch.testing.assert_close(weights[1][name], plain, rtol=0, atol=1e-6)


def _norm(model: torch.nn.Module) -> float:
    squares = [p.grad.pow(2).sum() for p in model.parameters() if p.grad is not None]
    return torch.stack(squares).sum().sqrt().item()
