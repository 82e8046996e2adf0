"""Gates of an encoder that has lost heads, a whole layer of them included."""

from __future__ import annotations

import pytest
import torch
from allennlp.common import Lazy
from torch.nn import Parameter

from allennlp_heads.attention import HeadTap, remove_heads
from allennlp_heads.gates import HardConcreteGates, PerTaskGates
from tests import tiny

REMOVED = {0: [0, 2], 1: [0, 1, 2, 3]}
KEPT = [[1, 3], [], [0, 1, 2, 3]]


def output(encoder: torch.nn.Module, tap: HeadTap, gates: torch.Tensor) -> torch.Tensor:
    with tap.scale(gates):
        return encoder(**tiny.batch()).last_hidden_state[0].square().sum()  # type: ignore[no-any-return]


@pytest.mark.parametrize("own", [False, True], ids=["shared", "per task"])
def test_gradients_are_those_of_the_masked_encoder(own: bool) -> None:
    """Each head's log alpha has the gradient it has beside heads that are there but closed."""
    whole, small = tiny.encoder(), tiny.encoder()
    remove_heads(small, REMOVED)
    tap = HeadTap(small)
    assert tap.heads == [2, 0, 4]
    made = PerTaskGates(tap.heads, ["a", "b"]) if own else HardConcreteGates(tap.heads)
    inner = made.sets()["b" if own else None]
    assert isinstance(inner, HardConcreteGates)
    full = HardConcreteGates(HeadTap(whole).heads)
    present = torch.zeros(3, 4)
    for layer, heads in enumerate(KEPT):
        present[layer, heads] = 1
        values = torch.rand(len(heads)) - 0.5
        with torch.no_grad():
            full.log_alpha[layer, heads] = values
            inner.log_alpha[layer, : len(heads)] = values
    ours = output(small, tap, _without_noise(inner))
    theirs = output(whole, HeadTap(whole), _without_noise(full) * present)
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)
    ours.backward()
    theirs.backward()
    for layer, heads in enumerate(KEPT):
        found, wanted = inner.log_alpha.grad[layer], full.log_alpha.grad[layer]
        assert torch.allclose(found[: len(heads)], wanted[heads], rtol=1e-3, atol=1e-6)
        assert not found[len(heads) :].any() and wanted[heads].all()


def _without_noise(gates: HardConcreteGates) -> torch.Tensor:
    """The gates of evaluation, with a gradient."""
    return (1.2 * torch.sigmoid(gates.log_alpha) - 0.1).clamp(0, 1)


def test_penalty_is_the_mean_over_all_layers() -> None:
    """A removed layer counts as one with no open head, as the same layer closed for good would."""
    small = HardConcreteGates([2, 0, 4], coefficient=1.0, start=0.4)
    full = HardConcreteGates([4, 4, 4], coefficient=1.0, start=0.4)
    closed = torch.ones(3, 4, dtype=torch.bool)
    for layer, heads in enumerate(KEPT):
        closed[layer, heads] = False
    full.log_alpha = Parameter(full.log_alpha.detach().masked_fill(closed, -60.0))
    assert small.penalty().item() == pytest.approx(full.penalty().item(), abs=1e-4)


def test_training_closes_heads_of_the_layers_that_have_some() -> None:
    gates = PerTaskGates([2, 0, 4], ["a", "b"], Lazy(HardConcreteGates, coefficient=1.0), 0.5)
    optimizer = torch.optim.Adam(gates.parameters(), lr=0.3)
    for step in range(60):
        optimizer.zero_grad()
        gates.penalty("ab"[step % 2]).backward()
        optimizer.step()
    assert not gates.deterministic("a").any() and not gates.deterministic("b").any()
    assert torch.isfinite(gates.of("a").log_alpha).all()
