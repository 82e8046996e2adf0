"""Whatever is done inside, afterwards everything is as it was."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allennlp_heads.collect import TaskData, collect_importance, encoder_of, undisturbed
from allennlp_heads.collect.embedding import embed_task_and_heads, embed_text
from allennlp_heads.models import MultiTaskHeads
from tests.collect.models import configuration
from tests.training.pieces import model_and_loader

BALANCER = {"type": "moving_average"}


@pytest.fixture(scope="module")
def pieces(tiny_bert: str, fixtures_root: Path) -> tuple[MultiTaskHeads, TaskData]:
    """A model in the midst of training: gradients, metrics, histories, some modules off."""
    config = configuration(tiny_bert, fixtures_root, ["dep", "pos"], gates="hard_concrete")
    config["model"]["loss_balancer"] = BALANCER
    model, loader = model_and_loader(config)
    model.train()
    for batch in loader:
        model(**batch)["loss"].backward()
    model.heads["dep"].eval()
    model.heads["pos"].projection.bias.requires_grad_(False)  # type: ignore[union-attr]
    return model, TaskData.of_loader(loader)


def state(model: MultiTaskHeads) -> dict[str, Any]:
    """Everything that training goes on from."""
    metrics = copy.deepcopy(model).get_metrics()
    return {
        "weights": {name: value.clone() for name, value in model.state_dict().items()},
        "gradients": [None if p.grad is None else p.grad.clone() for p in model.parameters()],
        "learns": [p.requires_grad for p in model.parameters()],
        "modes": [module.training for module in model.modules()],
        "hooks": [
            (len(m._forward_hooks), len(m._forward_pre_hooks), len(m._backward_hooks))
            for m in model.modules()
        ],
        "metrics": metrics,
        "tasks": (list(model._last_tasks), set(model._scored)),
        "attributes": [sorted(vars(module)) for module in model.modules()],
        "random": (random.getstate(), numpy.random.get_state()[1].tolist(), torch.get_rng_state()),
    }


def same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def backward(model: MultiTaskHeads, data: TaskData) -> None:
    for task in data.tasks:
        for batch in data.batches(task):
            loss = model(**batch)["loss"]
            if loss.requires_grad:
                loss.backward()


def in_training_mode(model: MultiTaskHeads, data: TaskData) -> None:
    model.train()
    backward(model, data)
    model.get_metrics(reset=True)


def freeze(model: MultiTaskHeads, data: TaskData) -> None:
    model.requires_grad_(False)


def hook(model: MultiTaskHeads, data: TaskData) -> None:
    encoder_of(model).register_forward_hook(lambda *args: None)


def draw(model: MultiTaskHeads, data: TaskData) -> None:
    random.random(), numpy.random.rand(), torch.rand(3)


def add_attribute(model: MultiTaskHeads, data: TaskData) -> None:
    model.heads["pos"].note = "new"  # type: ignore[union-attr,assignment]


def buffer(model: MultiTaskHeads, data: TaskData) -> None:
    for tensor in model.buffers():
        tensor.zero_()


def importance(model: MultiTaskHeads, data: TaskData) -> None:
    collect_importance(model, data, "dep")


def embedding(model: MultiTaskHeads, data: TaskData) -> None:
    embed_task_and_heads(model, data, "dep")
    embed_text(encoder_of(model), data, "pos")


ACTIONS = [
    backward,
    in_training_mode,
    freeze,
    hook,
    draw,
    add_attribute,
    buffer,
    importance,
    embedding,
]


@given(actions=st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2), fails=st.booleans())
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_leaves_everything_as_it_was(
    pieces: tuple[MultiTaskHeads, TaskData], actions: list[Any], fails: bool
) -> None:
    model, data = pieces
    before = state(model)
    try:
        with undisturbed(model):
            assert not any(module.training for module in model.modules())
            assert all(parameter.grad is None for parameter in model.parameters())
            for action in actions:
                action(model, data)
            if fails:
                raise KeyError("in the midst")
    except KeyError:
        assert fails
    after = state(model)
    for name, value in before.items():
        assert same(value, after[name]), name


@pytest.mark.parametrize("action", ACTIONS)
def test_the_test_sees_what_each_does(pieces: tuple[MultiTaskHeads, TaskData], action: Any) -> None:
    """Without the guard; analyses have it built in."""
    model, data = copy.deepcopy(pieces[0]), pieces[1]
    before = state(model)
    action(model, data)
    assert same(before, state(model)) == (action in (importance, embedding))


def test_gradients_are_the_same_objects(pieces: tuple[MultiTaskHeads, TaskData]) -> None:
    """Optimisers and hooks may hold them."""
    model, data = pieces
    before = [parameter.grad for parameter in model.parameters()]
    metric = model.heads["pos"]._accuracy  # type: ignore[union-attr]
    with undisturbed(model):
        assert model.heads["pos"]._accuracy is not metric  # type: ignore[union-attr]
        backward(model, data)
    assert all(p.grad is grad for p, grad in zip(model.parameters(), before))
    assert model.heads["pos"]._accuracy is metric  # type: ignore[union-attr]
