"""Which heads are chosen, against sorting by hand, and gates that are final."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from allennlp.common import Lazy
from allennlp.common.checks import ConfigurationError
from hypothesis import given, settings
from hypothesis import strategies as st

from allennlp_heads.gates import (
    FixedGates,
    HardConcreteGates,
    HeadGates,
    OpenGates,
    PerTaskGates,
    chosen_heads,
)

# values far beyond saturation, many equal ones, and differences that a sum would lose
ALPHA = st.one_of(st.floats(-30, 30), st.sampled_from([-3.0, 0.0, 1e-40, 2.5]))


@st.composite
def trained(draw: Any) -> HardConcreteGates:
    """Gates of layers of unequal size, some without heads, with any log alpha."""
    heads = draw(st.lists(st.integers(0, 4), min_size=1, max_size=4).filter(any))
    gates = HardConcreteGates(heads)
    size = gates.log_alpha.numel()
    with torch.no_grad():
        values = draw(st.lists(ALPHA, min_size=size, max_size=size))
        gates.log_alpha.copy_(torch.tensor(values).view_as(gates.log_alpha))
    return gates


def cells(gates: HeadGates) -> list[tuple[int, int]]:
    return [(int(i), int(j)) for i, j in gates.mask.nonzero()]


def chosen(kept: torch.Tensor) -> set[tuple[int, int]]:
    return {(int(i), int(j)) for i, j in kept.nonzero()}


@settings(deadline=None)
@given(trained(), st.data())
def test_the_k_best(gates: HardConcreteGates, data: Any) -> None:
    alpha, all_cells = gates.log_alpha.tolist(), cells(gates)
    keep = data.draw(st.integers(1, len(all_cells)))
    by_hand = sorted(all_cells, key=lambda cell: (-alpha[cell[0]][cell[1]], cell))[:keep]
    kept = chosen_heads(gates, keep=keep)
    assert kept.dtype == torch.bool and kept.shape == gates.mask.shape
    assert chosen(kept) == set(by_hand)
    if keep > 1:
        assert chosen(chosen_heads(gates, keep=keep - 1)) < chosen(kept)


@settings(deadline=None)
@given(trained(), st.floats(0, 0.99), st.floats(0, 0.99))
def test_above_the_threshold(gates: HardConcreteGates, one: float, other: float) -> None:
    values = gates.deterministic().tolist()
    expected = {(i, j) for i, j in cells(gates) if values[i][j] > one}
    if not expected:
        with pytest.raises(ConfigurationError, match="no head has a gate above the threshold"):
            chosen_heads(gates, one)
        return
    assert chosen(chosen_heads(gates, one)) == expected
    if one <= other < max(map(max, values)):
        assert chosen(chosen_heads(gates, other)) <= expected


@settings(deadline=None)
@given(trained(), st.data())
def test_final_gates_are_the_mask(gates: HardConcreteGates, data: Any) -> None:
    """Any mask, not only the best heads; those it keeps rank first, each part by log alpha."""
    all_cells = cells(gates)
    count = data.draw(st.integers(1, len(all_cells)))
    wanted = set(data.draw(st.permutations(all_cells))[:count])
    kept = torch.zeros_like(gates.mask)
    for cell in wanted:
        kept[cell] = True
    alpha = gates.log_alpha.tolist()
    gates.binarize(kept)
    state = torch.get_rng_state()
    for mode in (True, False):
        assert torch.equal(gates.train(mode)(), kept.float())
    assert torch.equal(torch.get_rng_state(), state)
    assert gates.binary and gates.penalty().item() == 0 and gates.expected_open() is None
    assert torch.equal(chosen_heads(gates), kept)
    assert torch.equal(chosen_heads(gates, keep=count), kept)
    order = sorted(all_cells, key=lambda c: (c not in wanted, -alpha[c[0]][c[1]], c))
    for keep in {1, (count + 1) // 2, len(all_cells)}:
        assert chosen(chosen_heads(gates, keep=keep)) == set(order[:keep])


@pytest.mark.parametrize("keep", [0, -1, 6])
def test_numbers_of_heads_that_cannot_be_kept(keep: int) -> None:
    with pytest.raises(ConfigurationError, match=f"'keep' is {keep}, .* from 1 to 5"):
        chosen_heads(HardConcreteGates([3, 0, 2]), keep=keep)


def test_nothing_to_choose_from() -> None:
    with pytest.raises(ConfigurationError, match="no head gates"):
        chosen_heads(OpenGates([3, 2]))
    diverged = HardConcreteGates([3, 2], start=math.nan)
    for keep in (None, 2):
        with pytest.raises(ConfigurationError, match="diverged"):
            chosen_heads(diverged, keep=keep)
    assert chosen(chosen_heads(FixedGates([2, 1], mask=[[0, 1], [1]]))) == {(0, 1), (1, 0)}


def test_heads_of_a_task() -> None:
    gates = PerTaskGates([2, 1], ["pos", "dep"], Lazy(HardConcreteGates, start=-3.0))
    with torch.no_grad():
        gates.of("dep").log_alpha[0, 1] = 3.0
    assert chosen(chosen_heads(gates, task="dep")) == {(0, 1)}
    with pytest.raises(ConfigurationError, match="no head has a gate above"):
        chosen_heads(gates, task="pos")
    with pytest.raises(ConfigurationError, match=r"no task was given.*\['pos', 'dep'\]"):
        chosen_heads(gates, keep=1)
    with pytest.raises(ConfigurationError, match=r"the task 'ner' has no gates.*\['pos', 'dep'\]"):
        chosen_heads(gates, task="ner")


def test_a_given_mask_has_no_order() -> None:
    gates = FixedGates([2, 1], mask=[[0, 1], [1]])
    assert chosen(chosen_heads(gates, keep=2)) == {(0, 1), (1, 0)}
    for keep in (1, 3):
        with pytest.raises(ConfigurationError, match="a given mask of 2 open heads"):
            chosen_heads(gates, keep=keep)


@pytest.mark.parametrize(
    "kept,message",
    [
        (torch.ones(2, 2), r"shape \[2, 2\], but the gates have \[2, 3\]"),
        (torch.tensor([[1, 0.5, 0], [0, 0, 0]]), "nothing but 0 and 1"),
        (torch.tensor([[1, 0, math.nan], [0, 0, 0]]), "nothing but 0 and 1"),
        (torch.tensor([[1, 0, 0], [0, 0, 1]]), "heads that do not exist"),
        (torch.zeros(2, 3), "no head would be left"),
    ],
)
def test_masks_that_cannot_be(kept: torch.Tensor, message: str) -> None:
    for gates in (HardConcreteGates([3, 2]), FixedGates([3, 2])):
        before = gates.deterministic()
        with pytest.raises(ConfigurationError, match=message):
            gates.binarize(kept)
        assert torch.equal(gates.deterministic(), before)
    learned = HardConcreteGates([3, 2])
    with pytest.raises(ConfigurationError, match=message):
        learned.binarize(kept)
    assert not learned.binary and learned.log_alpha.requires_grad
