"""Random masks: sizes, balance, nesting, and that every head has its chance."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.analysis.random_masks import random_masks

LAYERS = st.lists(st.integers(0, 5), min_size=1, max_size=5).filter(any)


@given(LAYERS, st.booleans(), st.integers(0, 3), st.data())
def test_size_nesting_and_existing_heads(
    heads: list[int], balanced: bool, seed: int, data: Any
) -> None:
    number = data.draw(st.integers(1, sum(heads)))
    masks = random_masks(heads, number, 3, seed, balanced)
    assert masks.shape == (3, len(heads), max(heads)) and masks.dtype == bool
    assert (masks.sum(axis=(1, 2)) == number).all()
    for layer, count in enumerate(heads):
        assert not masks[:, layer, count:].any()
    for fewer in range(1, number):
        smaller = random_masks(heads, fewer, 3, seed, balanced)
        assert (masks | ~smaller).all()
    assert (random_masks(heads, number, 5, seed, balanced)[:3] == masks).all()


@given(LAYERS, st.integers(0, 3), st.data())
def test_balanced_layers(heads: list[int], seed: int, data: Any) -> None:
    number = data.draw(st.integers(1, sum(heads)))
    for mask in random_masks(heads, number, 3, seed, balanced=True):
        taken = mask.sum(axis=1)
        # a layer may only be behind another by two where it has no head left
        for layer, count in enumerate(heads):
            assert taken[layer] == count or taken[layer] >= taken.max() - 1


@given(LAYERS, st.integers(0, 3), st.data())
def test_as_many_in_each_layer_as_asked(heads: list[int], seed: int, data: Any) -> None:
    number = [data.draw(st.integers(0, count)) for count in heads]
    if not sum(number):
        number = heads
    masks = random_masks(heads, number, 2, seed)
    assert (masks.sum(axis=2) == number).all()
    assert (random_masks(heads, heads, 2, seed) | ~masks).all()


@pytest.mark.parametrize("balanced", [False, True])
def test_every_head_is_as_likely(balanced: bool) -> None:
    share = random_masks([4, 4, 4], 5, 4_000, seed=0, balanced=balanced).mean(axis=0)
    # six standard errors
    assert numpy.abs(share - 5 / 12).max() < 6 * (0.25 / 4_000) ** 0.5


def test_every_layer_is_as_likely_to_give_the_remainder() -> None:
    more = random_masks([4, 4, 4], 4, 4_000, seed=0, balanced=True).sum(axis=2) == 2
    assert (more.sum(axis=1) == 1).all()
    assert numpy.abs(more.mean(axis=0) - 1 / 3).max() < 6 * (2 / 9 / 4_000) ** 0.5


def test_draws_and_seeds_differ() -> None:
    one, other = random_masks([6, 6, 6], 9, 2, seed=0)
    assert (one != other).any()
    assert (random_masks([6, 6, 6], 9, 1, seed=1)[0] != one).any()


@pytest.mark.parametrize("number", [0, 8, [3, 5], [1, 1, 1], [0, 0], [-1, 3]])
def test_numbers_out_of_range(number: Any) -> None:
    with pytest.raises(ValueError, match="cannot draw"):
        random_masks([3, 4], number, 1, seed=0)


def test_draws_out_of_range() -> None:
    with pytest.raises(ValueError, match="'draws' is 0"):
        random_masks([3, 4], 2, 0, seed=0)
