"""Masked gradients and rows that stand still, against training by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

import tests.tiny as tiny
from allennlp_heads.attention import head_rows
from allennlp_heads.training.important_heads import HeadMasks
from tests.training.important_heads.by_name import (
    Snapshot,
    loss,
    projections,
    rows_of,
    two_masks,
)

UPDATES = [["a"], ["b"], ["a", "b"], ["b", "b"]]
OPTIMIZERS: dict[str, Callable[[Any], torch.optim.Optimizer]] = {
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1),
    "adamw_fused": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1, fused=True),
    "amsgrad": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1, amsgrad=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.1),
    "sgd": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, weight_decay=0.1),
}


def encoder() -> torch.nn.Module:
    return tiny.encoder("bert")


def update(
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    tasks: list[str],
    step: int,
    masking: HeadMasks | None = None,
    max_norm: float | None = None,
) -> float:
    """One update of one batch a task, and the norm of its gradient."""
    optimizer.zero_grad()
    for place, task in enumerate(tasks):
        found = loss(model, task, 10 * step + place) / len(tasks)
        if masking is not None:
            masking.use(task)
        found.backward()
    given = [p for p in model.parameters() if p.grad is not None]
    norm = float(torch.nn.utils.clip_grad_norm_(given, max_norm or torch.inf))
    optimizer.step()
    if masking is not None:
        masking.end_update()
    return norm


@pytest.mark.parametrize("before", [0, 3])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_heads_of_no_task_stand_still_and_others_move(name: str, before: int) -> None:
    """Bit by bit over 20 updates: weights, momentum from before the phase, decay."""
    model, masks = encoder(), two_masks()
    optimizer = OPTIMIZERS[name](model.parameters())
    for step in range(before):
        update(model, optimizer, ["a"], step)
    masking = HeadMasks(head_rows(model), masks)
    masking.attach(optimizer)
    start = last = Snapshot(model, optimizer)
    for step in range(20):
        tasks = UPDATES[step % len(UPDATES)]
        update(model, optimizer, tasks, before + step, masking)
        now = Snapshot(model, optimizer)
        trained = torch.stack([masks[task] for task in tasks]).any(dim=0)
        for (layer, _, what), moved in now.moved_since(last).items():
            if what in ("weight", "exp_avg"):
                assert moved == trained[layer].tolist()
            else:  # a maximum need not grow
                assert not any(m and not t for m, t in zip(moved, trained[layer].tolist()))
        last = now
    ever = masks["a"] | masks["b"]
    assert not ever.all()
    for (layer, _, what), moved in last.moved_since(start).items():
        if what == "weight":
            assert moved == ever[layer].tolist()


@pytest.mark.parametrize("max_norm", [None, 0.05])
@pytest.mark.parametrize("name", ["adamw", "adamw_fused", "sgd"])
def test_the_same_by_hand(name: str, max_norm: float | None) -> None:
    """All weights and norms equal those of a loop that cuts gradients and puts rows back."""
    model, hand, masks = encoder(), encoder(), two_masks()
    optimizer = OPTIMIZERS[name](model.parameters())
    of_hand = OPTIMIZERS[name](hand.parameters())
    for step in range(2):
        update(model, optimizer, ["b"], step)
        update(hand, of_hand, ["b"], step)
    masking = HeadMasks(head_rows(model), masks)
    masking.attach(optimizer)
    for step in range(2, 10):
        tasks = UPDATES[step % len(UPDATES)]
        norm = update(model, optimizer, tasks, step, masking, max_norm)
        assert norm == update_by_hand(hand, of_hand, tasks, step, masks, max_norm)
    for parameter, wanted in zip(model.parameters(), hand.parameters(), strict=True):
        assert torch.equal(parameter, wanted)


def update_by_hand(
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    tasks: list[str],
    step: int,
    masks: dict[str, torch.Tensor],
    max_norm: float | None,
) -> float:
    parameters = list(model.parameters())
    total: list[torch.Tensor | None] = [None] * len(parameters)
    layers = {id(parameter): layer for layer, _, parameter in projections(model)}
    for place, task in enumerate(tasks):
        found = loss(model, task, 10 * step + place) / len(tasks)
        gradients: Any = torch.autograd.grad(found, parameters, allow_unused=True)
        for number, (parameter, gradient) in enumerate(zip(parameters, gradients)):
            if gradient is None:
                continue
            if id(parameter) in layers:
                for head in range(tiny.HEADS):
                    if not masks[task][layers[id(parameter)], head]:
                        gradient[rows_of(head)] = 0
            so_far = total[number]
            total[number] = gradient if so_far is None else so_far + gradient
    for parameter, summed in zip(parameters, total):
        parameter.grad = summed
    given = [p for p in parameters if p.grad is not None]
    norm = float(torch.nn.utils.clip_grad_norm_(given, max_norm or torch.inf))
    old = [(p.detach().clone(), states(optimizer, p)) for p in parameters]
    optimizer.step()
    trained = torch.stack([masks[task] for task in tasks]).any(dim=0)
    for parameter, (weights, state) in zip(parameters, old):
        if id(parameter) not in layers:
            continue
        for head in range(tiny.HEADS):
            if not trained[layers[id(parameter)], head]:
                parameter.data[rows_of(head)] = weights[rows_of(head)]
                for key, value in state.items():
                    optimizer.state[parameter][key][rows_of(head)] = value[rows_of(head)]
    return norm


def states(
    optimizer: torch.optim.Optimizer, parameter: torch.nn.Parameter
) -> dict[str, torch.Tensor]:
    return {
        key: value.clone()
        for key, value in optimizer.state[parameter].items()
        if isinstance(value, torch.Tensor) and value.dim()
    }


def test_detached_all_trains_again() -> None:
    model = encoder()
    optimizer = OPTIMIZERS["adamw"](model.parameters())
    masking = HeadMasks(head_rows(model), two_masks())
    masking.attach(optimizer)
    masking.use("a")
    masking.detach()
    start = Snapshot(model, optimizer)
    update(model, optimizer, ["a"], 0)
    assert all(all(moved) for moved in Snapshot(model, optimizer).moved_since(start).values())


def test_other_gradients_are_not_masked() -> None:
    """Outside an update, as in an analysis, gradients are whole."""
    model = encoder()
    masking = HeadMasks(head_rows(model), two_masks())
    masking.attach(OPTIMIZERS["adamw"](model.parameters()))
    masking.use("a")
    masking.end_update()
    loss(model, "a", 0).backward()
    assert all(
        bool((p.grad != 0).any(dim=-1).all()) for _, n, p in projections(model) if "value" in n
    )


def test_rows_of_other_parts() -> None:
    """Of a fused projection, only the part that is asked for is masked; or the rest stands too."""
    masks = two_masks()
    for others in (True, False):
        model = tiny.encoder("gpt2")
        optimizer = OPTIMIZERS["adamw"](model.parameters())
        weight = model.get_parameter("h.0.attn.c_attn.weight")
        before = weight.detach().clone()
        masking = HeadMasks(head_rows(model, ("value",)), masks, others)
        masking.attach(optimizer)
        output = model(**tiny.batch("gpt2")).last_hidden_state
        masking.use("a")
        (output * torch.randn_like(output)).sum().backward()
        optimizer.step()
        moved = (weight != before).any(dim=0).unflatten(0, (3, tiny.HEADS, -1)).any(dim=-1)
        assert moved[:2].all() if others else not moved[:2].any()
        assert torch.equal(moved[2], masks["a"][0])


def test_an_update_that_the_scaler_leaves_out() -> None:
    """Infinite gradients of masked rows alone do no harm; others leave the update out."""
    model, masks = encoder(), two_masks()
    optimizer = OPTIMIZERS["adamw"](model.parameters())
    scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
    masking = HeadMasks(head_rows(model), masks)
    masking.attach(optimizer)
    bias = model.get_parameter("encoder.layer.0.attention.self.value.bias")
    masked, trained = (int((masks["a"][0] == wanted).nonzero()[0]) for wanted in (False, True))
    for step, (head, moves) in enumerate([(masked, True), (trained, False), (None, True)]):
        before = Snapshot(model, optimizer)
        optimizer.zero_grad()
        spoilt = loss(model, "a", step)
        if head is not None:
            spoilt = spoilt + Infinite.apply(bias[rows_of(head)])
        masking.use("a")
        scaler.scale(spoilt).backward()
        scaler.step(optimizer)
        scaler.update()
        masking.end_update()
        moved = Snapshot(model, optimizer).moved_since(before)
        for (layer, _, what), found in moved.items():
            if what == "weight":
                assert found == (masks["a"][layer].tolist() if moves else [False] * tiny.HEADS)
    assert all(bool(p.isfinite().all()) for p in model.parameters())


class Infinite(torch.autograd.Function):
    """Zero with an infinite gradient."""

    @staticmethod
    def forward(ctx: Any, rows: torch.Tensor) -> torch.Tensor:
        ctx.rows = rows.shape
        return rows.new_zeros(())

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        return torch.full(ctx.rows, torch.inf)


def test_several_optimizers_in_one() -> None:
    """As AllenNLP's `multi` has them."""

    class Multi:
        def __init__(self, optimizers: dict[str, torch.optim.Optimizer]) -> None:
            self.optimizers = optimizers

        def zero_grad(self) -> None:
            for optimizer in self.optimizers.values():
                optimizer.zero_grad()

        def step(self) -> None:
            for optimizer in self.optimizers.values():
                optimizer.step()

    model, masks = encoder(), two_masks()
    queries = [p for n, p in model.named_parameters() if "query" in n]
    rest = [p for n, p in model.named_parameters() if "query" not in n]
    both: Any = Multi({"q": OPTIMIZERS["adamw"](queries), "r": OPTIMIZERS["sgd"](rest)})
    for step in range(2):
        update(model, both, ["b"], step)
    masking = HeadMasks(head_rows(model), masks)
    masking.attach(both)
    before = {name: p.detach().clone() for _, name, p in projections(model)}
    update(model, both, ["a"], 2, masking)
    for layer, name, parameter in projections(model):
        for head in range(tiny.HEADS):
            still = torch.equal(parameter[rows_of(head)], before[name][rows_of(head)])
            assert still != bool(masks["a"][layer, head])


def test_frozen_parameters_are_passed_over() -> None:
    model = encoder()
    model.get_parameter("encoder.layer.0.attention.self.query.weight").requires_grad_(False)
    optimizer = OPTIMIZERS["adamw"](model.parameters())
    masking = HeadMasks(head_rows(model), two_masks())
    masking.attach(optimizer)
    update(model, optimizer, ["a"], 0, masking)
