"""Which head is chosen."""

from __future__ import annotations

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.analysis.probing import LabelHits
from allennlp_heads.analysis.probing.choice import choose


def tally(*rows: list[list[int]], count: list[int] | None = None) -> LabelHits:
    correct = numpy.array(rows)
    return LabelHits(correct, numpy.array([9] * len(rows) if count is None else count))


EVERY = numpy.ones((2, 2), bool)


def test_the_best_head_of_each_label_and_of_all() -> None:
    found = choose(tally([[1, 5], [0, 4]], [[0, 0], [1, 3]]), EVERY)
    assert found.by_label.tolist() == [1, 3]
    assert found.one == 3  # 4 + 3 of all, against 5
    assert found.seen.all()


def test_of_equal_heads_the_first_layer_and_then_the_first_head() -> None:
    found = choose(tally([[0, 7], [7, 7]], [[0, 0], [0, 0]]), EVERY)
    assert found.by_label.tolist() == [1, 0]
    assert found.one == 1


def test_a_label_without_items_gets_the_head_that_is_best_for_all() -> None:
    found = choose(tally([[1, 2], [3, 0]], [[0, 0], [0, 0]], count=[4, 0]), EVERY)
    assert found.by_label.tolist() == [2, 2]
    assert found.seen.tolist() == [True, False]


@given(st.integers(0, 10_000), st.integers(1, 63))
def test_heads_that_do_not_exist_are_never_chosen(seed: int, places: int) -> None:
    generator = numpy.random.default_rng(seed)
    exists = (places >> numpy.arange(6) & 1).astype(bool).reshape(2, 3)
    hits = LabelHits(generator.integers(0, 3, (5, 2, 3)), generator.integers(0, 2, 5) * 3)
    hits.correct[:, ~exists] = 100
    if not hits.count.any():
        hits.count[0] = 3
    found = choose(hits, exists)
    assert exists.ravel()[[*found.by_label, found.one]].all()


def test_what_cannot_be_chosen_from_is_refused() -> None:
    hits = tally([[1, 2], [3, 0]])
    with pytest.raises(ValueError, match="no head is there"):
        choose(hits, ~EVERY)
    with pytest.raises(ValueError, match="no items to choose"):
        choose(tally([[0, 0], [0, 0]], count=[0]), EVERY)
    with pytest.raises(ValueError, match="candidates"):
        choose(hits, numpy.ones((2, 3), bool))
