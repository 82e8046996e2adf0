"""Fixed offsets against heads that really attend to them."""

from __future__ import annotations

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.analysis.probing.offsets import offset_choices, offset_hits
from tests.analysis.probing.batches import DIRECTION, Batch, batches
from tests.analysis.probing.probe_loops import arc_hit, span_hit


def test_choices() -> None:
    assert offset_choices(2) == [-1, 1, -2, 2]
    assert offset_choices(1, root=True) == [-1, 1, "root"]
    with pytest.raises(ValueError, match="'max_offset' is 0: give 1 or more"):
        offset_choices(0)


@given(batches(), DIRECTION, st.integers(1, 9), st.booleans())
def test_hits_are_those_of_the_loops(
    batch: Batch, direction: str, max_offset: int, root: bool
) -> None:
    choices = offset_choices(max_offset, root)
    arcs = offset_hits(batch.arcs, choices, direction)
    spans = offset_hits(batch.spans, choices, direction)
    assert arcs.shape == (len(batch.arcs), len(choices)) and arcs.dtype == bool
    for place, choice in enumerate(choices):
        keys = [0 if choice == "root" else node + int(choice) for node in range(9)]
        for hit, (_, dependent, head) in zip(arcs[:, place], batch.arcs.tolist()):
            assert hit == arc_hit(keys, dependent, head, direction)
        for hit, (_, predicate, first, last) in zip(spans[:, place], batch.spans.tolist()):
            assert hit == span_hit(keys, predicate, first, last, direction)


def test_by_hand() -> None:
    """Words 1 and 2 hang from word 3, which hangs from ROOT."""
    arcs = numpy.array([[0, 1, 3], [0, 2, 3], [7, 3, 0]])
    choices = [-2, 1, 2, "root"]
    assert offset_hits(arcs, choices, "to_head").tolist() == [
        [False, False, True, False],
        [False, True, False, False],
        [False, False, False, True],
    ]
    assert offset_hits(arcs, choices, "to_dependent").tolist() == [
        [True, False, False, False],
        [False, False, False, False],
        [False, False, False, False],
    ]
    # -1 of word 1 is ROOT, where its sentence has one
    assert offset_hits(numpy.array([[0, 1, 0]]), [-1, 1], "to_head").tolist() == [[True, False]]


def test_default_choices_and_items_as_they_were() -> None:
    spans = numpy.array([[5, 2, 3, 4]])
    found = offset_hits(spans)
    assert found.shape == (1, 20)
    chosen = [choice for choice, hit in zip(offset_choices(), found[0]) if hit]
    assert chosen == [-1, 1, -2, 2]
    assert spans.tolist() == [[5, 2, 3, 4]]
    assert offset_hits(numpy.zeros((0, 3), dtype=int)).shape == (0, 20)
