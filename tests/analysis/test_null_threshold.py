"""The best null threshold, against a look at every possible one."""

from __future__ import annotations

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.analysis.null_threshold import best_null_threshold

QUESTION = st.tuples(st.integers(-4, 4), st.integers(0, 4), st.integers(0, 1))


@given(st.lists(QUESTION, min_size=1, max_size=12))
def test_equals_a_look_at_every_threshold(questions: list[tuple[int, int, int]]) -> None:
    """Quarters, so that sums are exact."""
    no_answer, answered, empty = numpy.array(questions).T * numpy.array([[1], [0.25], [1]])
    found = best_null_threshold(no_answer, answered, empty)
    every = {
        float(numpy.where(no_answer > threshold, empty, answered).mean()): (no_answer > threshold)
        for threshold in numpy.arange(-5, 5) + 0.5  # of equal scores the last one is kept
    }
    assert found.score == max(every)
    assert ((no_answer > found.threshold) == every[found.score]).all()
    assert found.threshold not in no_answer, "a rounded number would cross it"


def test_by_hand() -> None:
    found = best_null_threshold(
        numpy.array([3.0, -1.0, 1.0, 0.0]),
        numpy.array([0.0, 1.0, 0.0, 1.0]),
        numpy.array([1.0, 0.0, 1.0, 0.0]),
    )
    assert found == (0.5, 1.0)
    nobody = best_null_threshold(numpy.array([2.0, 1.0]), numpy.zeros(2), numpy.ones(2))
    assert nobody == (0.0, 1.0)
    everybody = best_null_threshold(numpy.array([2.0, 1.0]), numpy.ones(2), numpy.zeros(2))
    assert everybody == (3.0, 1.0)


def test_no_numbers() -> None:
    for wrong in ([], [numpy.nan], [numpy.inf]):
        ones = numpy.ones(len(wrong))
        with pytest.raises(ValueError, match="null threshold needs questions, and a number"):
            best_null_threshold(numpy.array(wrong), ones, ones)
