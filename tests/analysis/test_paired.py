"""Wilcoxon's signed-rank test against all signs by hand and against scipy."""

from __future__ import annotations

import itertools

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata, wilcoxon

from allennlp_heads.analysis.paired import paired_test, signed_rank


def by_hand(differences: list[float]) -> float:
    """Every sign of every rank, one after the other."""
    left = [value for value in differences if value]
    if not left:
        return 1.0
    ranks = rankdata(numpy.abs(left))
    centre = ranks.sum() / 2
    wanted = abs(sum(rank for rank, value in zip(ranks, left) if value > 0) - centre)
    found = [
        abs(sum(rank for rank, sign in zip(ranks, signs) if sign) - centre)
        for signs in itertools.product([False, True], repeat=len(left))
    ]
    return sum(value >= wanted - 1e-9 for value in found) / len(found)


@settings(deadline=None)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=9))
def test_ties_and_zeros_are_exact(differences: list[int]) -> None:
    found = signed_rank(numpy.array(differences, dtype=float))
    assert found == pytest.approx(by_hand([float(value) for value in differences]))


@pytest.mark.parametrize("seeds", [5, 30, 50])
def test_without_ties_it_is_scipys(seeds: int) -> None:
    differences = numpy.random.default_rng(seeds).normal(0.3, 1, seeds)
    assert signed_rank(differences) == pytest.approx(wilcoxon(differences, method="exact").pvalue)


def test_many_pairs_do_not_overflow() -> None:
    differences = numpy.random.default_rng(0).normal(0.1, 1, 300)
    assert signed_rank(differences) == pytest.approx(wilcoxon(differences).pvalue, rel=0.01)


def test_a_test_of_two_starts() -> None:
    first = numpy.array([0.5, 0.6, 0.7, 0.8, 0.4, 0.55])
    found = paired_test(first, first + [0.1, 0.1, 0.1, 0.1, 0.1, -0.1])
    assert found.difference == pytest.approx(0.4 / 6)
    assert (found.better, found.worse) == (5, 1)
    assert found.lower < found.difference < found.upper <= 0.1
    # six equal sizes: all that counts is how many are positive
    assert found.p_value == pytest.approx(2 * (1 + 6) / 64)


def test_rounding_breaks_no_tie() -> None:
    """0.3 - 0.2 and 0.8 - 0.7 are not equal in the last digits, but on paper."""
    found = paired_test(numpy.array([0.2, 0.7, 0.1]), numpy.array([0.3, 0.8, 0.0]))
    assert found.p_value == pytest.approx(by_hand([1, 1, -1]))


def test_turning_it_round_turns_the_signs() -> None:
    generator = numpy.random.default_rng(3)
    one, other = generator.random(12), generator.random(12)
    there, back = paired_test(one, other), paired_test(other, one)
    assert there.p_value == back.p_value and there.better == back.worse
    assert there.difference == pytest.approx(-back.difference)
    assert paired_test(one, one).p_value == 1


def test_other_seeds_are_no_pairs() -> None:
    with pytest.raises(ValueError, match="the same seeds"):
        paired_test(numpy.zeros(3), numpy.zeros(4))
