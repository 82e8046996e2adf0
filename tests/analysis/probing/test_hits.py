"""Sums of hits."""

from __future__ import annotations

import numpy
import pytest

from allennlp_heads.analysis.probing import ItemHits, LabelHits
from tests.analysis.probing.hits_by_chance import part, random_hits


def test_a_tally_counts_every_item() -> None:
    hits = random_hits(0, labels=4)
    found = hits.tally(6)
    for label in range(6):
        rows = [item for item in range(len(hits)) if hits.label[item] == label]
        assert found.count[label] == len(rows)
        for cell in numpy.ndindex(2, 3):
            assert found.correct[(label, *cell)] == sum(hits.correct[(row, *cell)] for row in rows)


def test_tallies_of_parts_add_up_and_are_taken_away() -> None:
    hits = random_hits(1)
    middle = len(hits) // 2
    first, rest = part(hits, numpy.arange(middle)), part(hits, numpy.arange(middle, len(hits)))
    whole = ItemHits.joined([first, rest]).tally(4)
    for found in (first.tally(4) + rest.tally(4), hits.tally(4)):
        numpy.testing.assert_array_equal(found.correct, whole.correct)
        numpy.testing.assert_array_equal(found.count, whole.count)
    back = whole - rest.tally(4)
    numpy.testing.assert_array_equal(back.correct, first.tally(4).correct)
    numpy.testing.assert_array_equal(back.count, first.tally(4).count)


def test_no_items_are_a_tally_of_zeros() -> None:
    none = part(random_hits(0), numpy.zeros(0, int))
    assert len(none) == 0
    assert not none.tally(3).correct.any() and none.tally(3).count.tolist() == [0, 0, 0]


@pytest.mark.parametrize("wrong", ["label", "sentence", "correct"])
def test_arrays_of_different_lengths_are_refused(wrong: str) -> None:
    fields = vars(random_hits(0)).copy()
    fields[wrong] = fields[wrong][1:]
    with pytest.raises(ValueError, match="hits are"):
        ItemHits(**fields)


def test_counts_of_other_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="counts"):
        LabelHits(numpy.zeros((3, 2, 2), int), numpy.zeros(2, int))
