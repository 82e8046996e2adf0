"""Places and ranks, against scipy's and by hand."""

from __future__ import annotations

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from allennlp_heads.analysis.transfer import places, ranks

NAN = numpy.nan


def test_equal_scores_share_places() -> None:
    found = places(numpy.array([0.5, 0.9, 0.5, 0.1]))
    assert found.first.tolist() == [2, 1, 2, 4]
    assert found.last.tolist() == [3, 1, 3, 4]
    assert found.mean.tolist() == [2.5, 1, 2.5, 4]


def test_who_cannot_say_puts_them_last_together() -> None:
    found = places(numpy.array([NAN, -7.0, NAN]))
    assert found.mean.tolist() == [2.5, 1, 2.5]


def test_ranks_leave_out_what_has_no_score() -> None:
    scores = numpy.array([[0.3, 1.0], [NAN, 2.0], [0.7, 3.0]])
    numpy.testing.assert_array_equal(ranks(scores), [[2, 3], [NAN, 2], [1, 1]])
    numpy.testing.assert_array_equal(ranks(scores[:, 0]), [2, NAN, 1])


@pytest.mark.parametrize("size", [1e-300, 1.0, 1e300])
def test_rounding_makes_no_order(size: float) -> None:
    """0.1 + 0.2 and 0.3 are equal on paper, however small the scores are."""
    assert ranks(numpy.array([0.1 + 0.2, 0.3, 0.4]) * size).tolist() == [2.5, 2.5, 1]
    assert ranks(numpy.array([0.3 + 1e-9, 0.3, 0.4]) * size).tolist() == [2, 3, 1]


@settings(deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=1, max_size=8))
def test_as_scipy_ranks(scores: list[int]) -> None:
    values = numpy.array(scores, dtype=float)
    assert ranks(values).tolist() == rankdata(-values).tolist()
    assert ranks(numpy.stack([values, -values], axis=1))[:, 1].tolist() == rankdata(values).tolist()


def test_no_score_is_infinite() -> None:
    with pytest.raises(ValueError, match="never infinite"):
        places(numpy.array([1.0, numpy.inf]))


def test_nothing_to_rank() -> None:
    assert ranks(numpy.zeros((0, 2))).shape == (0, 2)
    assert places(numpy.zeros((2, 0))).first.shape == (2, 0)
