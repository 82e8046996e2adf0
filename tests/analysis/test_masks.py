"""Baselines of learned gates: random heads, and the largest values."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.analysis import magnitude_mask, random_mask

HEADS = st.lists(st.integers(1, 6), min_size=1, max_size=5)


@given(HEADS, st.data())
def test_random_masks_keep_heads_that_exist(heads: list[int], data: st.DataObject) -> None:
    keep = data.draw(st.integers(1, sum(heads)))
    mask = random_mask(heads, keep, data.draw(st.integers(0, 9)))
    assert mask.dtype == bool and mask.shape == (len(heads), max(heads)) and mask.sum() == keep
    assert not any(mask[layer, number:].any() for layer, number in enumerate(heads))


def test_every_choice_is_equally_likely() -> None:
    found = Counter(random_mask([2, 1, 1], 2, seed).tobytes() for seed in range(3000))
    assert len(found) == len(list(itertools.combinations(range(4), 2)))
    assert max(found.values()) < 600 and min(found.values()) > 400


def test_seeds_are_what_they_were() -> None:
    # The committed results are of these; another numpy must not silently draw others.
    assert numpy.flatnonzero(random_mask([12] * 6, 5, 13)).tolist() == [13, 17, 22, 58, 70]


@given(HEADS, st.data())
def test_the_largest_values_stay(heads: list[int], data: st.DataObject) -> None:
    values = numpy.full((len(heads), max(heads)), numpy.nan)
    for layer, number in enumerate(heads):
        drawn = data.draw(st.lists(st.integers(-3, 3), min_size=number, max_size=number))
        values[layer, :number] = drawn
    keep = data.draw(st.integers(1, sum(heads)))
    cells = [(layer, head) for layer, number in enumerate(heads) for head in range(number)]
    wanted = sorted(cells, key=lambda cell: -values[cell])[:keep]
    mask = magnitude_mask(values, keep)
    assert sorted(zip(*numpy.nonzero(mask))) == sorted(wanted)


@pytest.mark.parametrize("keep", [0, 4, -1])
def test_as_many_as_there_are(keep: int) -> None:
    with pytest.raises(ValueError, match=f"'keep' is {keep}: give a number from 1 to 3"):
        random_mask([1, 2], keep, 1)
    with pytest.raises(ValueError, match="from 1 to 3, the heads there are"):
        magnitude_mask(numpy.array([[1.0, -numpy.inf], [2.0, 3.0]]), keep)
