"""What becomes of learned gates that are made final: state, gradients, optimizers, copies."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable

import pytest
import torch
from allennlp.nn import RegularizerApplicator
from allennlp.nn.regularizers import L2Regularizer

from allennlp_heads.gates import HardConcreteGates, HardConcreteL0, HeadGates, check_regularizer

HEADS = [3, 0, 2]
KEPT = torch.tensor([[1, 0, 1], [0, 0, 0], [0, 1, 0]])


class Model(torch.nn.Module):
    """Gates and a weight beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.gates = HardConcreteGates(HEADS, start=0.5)
        self.weight = torch.nn.Parameter(torch.ones(()))

    def loss(self) -> torch.Tensor:
        penalty = self.gates.penalty()
        loss = (self.gates() * self.weight).sum() ** 2
        return loss if penalty is None else loss + penalty


def update(model: Model, optimizer: torch.optim.Optimizer) -> None:
    optimizer.zero_grad()
    model.loss().backward()
    optimizer.step()


OPTIMIZERS: list[Callable[..., torch.optim.Optimizer]] = [
    lambda p: torch.optim.Adam(p, lr=0.1),
    lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.5),
    lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.5, foreach=True),
    lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.5, fused=True),
    lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.5),
]


@pytest.mark.parametrize("make", OPTIMIZERS, ids=["adam", "adamw", "foreach", "fused", "sgd"])
def test_no_optimizer_moves_final_gates(make: Callable[..., torch.optim.Optimizer]) -> None:
    model = Model()
    optimizer = make(model.parameters())
    for _ in range(3):  # momentum
        update(model, optimizer)
    model.loss().backward()  # left over from an update that never came
    model.gates.binarize(KEPT)
    alpha, weight = model.gates.log_alpha.detach().clone(), model.weight.item()
    optimizer.step()
    for _ in range(3):
        update(model, optimizer)
    assert torch.equal(model.gates.log_alpha, alpha) and model.gates.log_alpha.grad is None
    assert model.weight.item() != weight


def saved(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The state as it comes back from a file."""
    buffer = io.BytesIO()
    torch.save(module.state_dict(), buffer)
    buffer.seek(0)
    return torch.load(buffer, weights_only=True)  # type: ignore[no-any-return]


def test_final_gates_travel_with_the_weights() -> None:
    final, fresh = HardConcreteGates(HEADS, start=0.1), HardConcreteGates(HEADS)
    final.binarize(KEPT)
    fresh.load_state_dict(saved(final))
    assert fresh.binary and torch.equal(fresh.train()(), KEPT.float())
    assert not fresh.log_alpha.requires_grad
    again = HardConcreteGates(HEADS)
    again.load_state_dict(saved(fresh))
    assert torch.equal(again.ranking(), final.ranking())


def test_weights_of_learned_gates_make_gates_learned_again() -> None:
    learned, gates = HardConcreteGates(HEADS, start=0.1), HardConcreteGates(HEADS)
    gates.binarize(KEPT)
    gates.load_state_dict(saved(learned))
    assert not gates.binary and gates.log_alpha.requires_grad
    assert torch.equal(gates.log_alpha, learned.log_alpha) and gates.penalty() is not None
    # frozen by the configuration, not by being final
    frozen = HardConcreteGates(HEADS).requires_grad_(False)
    frozen.binarize(KEPT)
    frozen.load_state_dict(saved(learned))
    assert not frozen.binary and not frozen.log_alpha.requires_grad


def test_weights_from_before_gates_could_be_final() -> None:
    old = saved(HardConcreteGates(HEADS, start=0.1))
    del old["kept"]
    for before in (False, True):
        gates = HardConcreteGates(HEADS)
        if before:
            gates.binarize(KEPT)
        gates.load_state_dict(old)
        assert not gates.binary and gates.log_alpha[0, 0].item() == pytest.approx(0.1)
    assert "kept" not in old


def test_weights_of_another_encoder() -> None:
    with pytest.raises(RuntimeError, match="size mismatch for log_alpha"):
        HardConcreteGates(HEADS).load_state_dict(HardConcreteGates([3, 2]).state_dict())


def test_binarised_twice_and_of_another_precision() -> None:
    gates = HardConcreteGates(HEADS).double()
    gates.binarize(KEPT)
    gates.binarize(gates.mask.long() - KEPT)
    assert gates().dtype == torch.float64 and gates().sum() == 2
    gates.load_state_dict(HardConcreteGates(HEADS).state_dict())
    assert not gates.binary and gates.log_alpha.requires_grad


def test_nobody_changes_the_mask_by_changing_the_gates() -> None:
    gates = HardConcreteGates(HEADS)
    gates.binarize(KEPT)
    gates().fill_(0.5)
    gates.deterministic().fill_(0.5)
    assert torch.equal(gates(), KEPT.float())


@pytest.mark.parametrize("final", [False, True])
def test_copies_are_complete_and_apart(final: bool) -> None:
    gates = HardConcreteGates(HEADS, start=0.4)
    if final:
        gates.binarize(KEPT)
    twin = copy.deepcopy(gates)
    assert twin.binary is final and torch.equal(twin.deterministic(), gates.deterministic())
    twin.load_state_dict(HardConcreteGates(HEADS).state_dict())
    assert gates.binary is final and gates.log_alpha.requires_grad is not final
    assert not twin.binary and twin.log_alpha.requires_grad
    # the regularizer knows the parameter of the copy too
    own = HardConcreteL0(2.0)(twin.log_alpha)
    assert own.item() == pytest.approx(2 * twin.penalty().item() / twin.coefficient)


def test_regularizers_pass_over_final_gates() -> None:
    model = Model()
    for regularizer in (HardConcreteL0(), L2Regularizer()):
        applicator = RegularizerApplicator([("log_alpha", regularizer)])
        model.gates = HardConcreteGates(HEADS)
        assert applicator(model) > 0
        model.gates.binarize(KEPT)
        assert applicator(model) == 0
        check_regularizer(model, applicator)  # no mistake of the regex


def monte_carlo(gates: HeadGates, draws: int) -> float:
    torch.manual_seed(3)
    gates.train()
    with torch.no_grad():
        return sum(float((gates() * gates.mask > 0).sum()) for _ in range(draws)) / draws


@pytest.mark.parametrize("start", [-3.0, -1.0, 0.5])
def test_expected_open_heads_against_samples(start: float) -> None:
    gates = HardConcreteGates([40, 0, 25], start=start)
    expected = gates.expected_open()
    assert expected is not None and expected.requires_grad
    # 4 standard errors of the mean of 2000 draws of 65 heads
    assert monte_carlo(gates, 2000) == pytest.approx(
        expected.item(), abs=4 * (65 / 4 / 2000) ** 0.5
    )
    # penalty and count are on one scale: the mean over all layers, those without heads included
    assert gates.penalty().item() == pytest.approx(gates.coefficient * expected.item() / 3)


def test_a_coefficient_changed_in_training() -> None:
    gates = HardConcreteGates(HEADS, coefficient=1.0)
    before = gates.penalty().item()
    gates.coefficient = -2.5
    assert gates.penalty().item() == pytest.approx(-2.5 * before)


def test_layers_without_heads_have_no_gradient() -> None:
    gates = HardConcreteGates(HEADS, start=0.3)
    (gates().sum() + gates.penalty()).backward()
    assert (gates.log_alpha.grad[gates.mask] != 0).any()
    gates.zero_grad()
    (gates.penalty() + gates.expected_open()).backward()
    assert (gates.log_alpha.grad[gates.mask] > 0).all()
    assert not gates.log_alpha.grad[~gates.mask].any()
