"""Reciprocal rank fusion by hand."""

from __future__ import annotations

from fractions import Fraction

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allennlp_heads.analysis.transfer import ranks, rrf

NAN = numpy.nan


def test_by_hand() -> None:
    """Second everywhere beats first and last."""
    found = rrf([numpy.array([1.0, 2.0, 3.0]), numpy.array([3.0, 2.0, 1.0])])
    outer, middle = Fraction(1, 61) + Fraction(1, 63), Fraction(2, 62)
    assert found.tolist() == pytest.approx([float(outer), float(middle), float(outer)], rel=1e-15)
    assert ranks(found).tolist() == [1.5, 3, 1.5]


def test_a_small_constant_favours_first_places() -> None:
    """Once first and once ninth, against third twice."""
    rankings = [numpy.array(pair) for pair in zip([1.0, 9.0], [3.0, 3.0])]
    assert rrf(rankings, 0).argmax() == 0 and rrf(rankings, 60).argmax() == 1


def test_a_missing_ranking_says_nothing() -> None:
    """The mean of those there are, times their number; two ranks are spread over three."""
    found = rrf([numpy.array([1.0, 2.0, 3.0]), numpy.array([NAN, 2.0, 1.0])])
    assert found[0] == pytest.approx(2 / 61)
    assert found[1] == pytest.approx(1 / 62 + 1 / (60 + 8 / 3))
    assert found[2] == pytest.approx(1 / 63 + 1 / (60 + 4 / 3))
    assert numpy.isnan(rrf([numpy.array([NAN, 1.0])])[0])


def test_to_be_in_a_ranking_is_no_merit() -> None:
    """A component of two of ten sources, all scores random: they are as far up as others."""
    generator = numpy.random.default_rng(0)
    whole, part = ranks(generator.random((10, 4000))), generator.random((10, 4000))
    part[2:] = NAN
    found = ranks(rrf([whole, ranks(part)]))
    assert found[:2].mean() == pytest.approx(5.5, abs=0.2)
    # each column by itself
    alone = [rrf([whole[:, 7], ranks(part)[:, 7]]), rrf([whole, ranks(part)])[:, 7]]
    numpy.testing.assert_array_equal(*alone)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 5))
def test_the_sum_of_every_ranking(seed: int, rankings: int, sources: int) -> None:
    given_ranks = ranks(numpy.random.default_rng(seed).integers(0, 3, (sources, rankings)))
    columns = list(given_ranks.T)
    wanted = [sum(1 / (60 + column[row]) for column in columns) for row in range(sources)]
    assert rrf(columns).tolist() == pytest.approx(wanted, rel=1e-14)
    # neither the order of rankings nor one source more or less of the same rank matters
    assert rrf(columns[::-1]).tolist() == pytest.approx(wanted, rel=1e-14)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 8))
def test_rankings_that_agree_stay(seed: int, sources: int) -> None:
    ranking = ranks(numpy.random.default_rng(seed).integers(0, 4, sources))
    assert ranks(rrf([ranking] * 3)).tolist() == ranking.tolist()


def test_bad_rankings() -> None:
    with pytest.raises(ValueError, match="rankings of the same sources"):
        rrf([])
    with pytest.raises(ValueError, match=r"\[\[2\], \[3\]\]"):
        rrf([numpy.ones(2), numpy.ones(3)])
    with pytest.raises(ValueError, match="begin with 1"):
        rrf([numpy.array([0.0, 1.0])])
