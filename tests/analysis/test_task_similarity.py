"""The correlation of two matrices of tasks, against scipy and against all permutations by hand."""

from __future__ import annotations

import itertools
import math

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr, spearmanr

from allennlp_heads.analysis.task_similarity import pair_matrix, similarity_test


def symmetric(tasks: int, seed: int, values: int = 0) -> numpy.ndarray:
    """Random; with `values`, of so few different numbers that many are equal."""
    generator = numpy.random.default_rng(seed)
    shape = (tasks, tasks)
    matrix = generator.integers(0, values, shape) if values else generator.normal(size=shape)
    matrix = numpy.triu(matrix.astype(float), 1)
    return matrix + matrix.T


def pairs_of(matrix: numpy.ndarray) -> list[float]:
    return [matrix[i, j] for i, j in itertools.combinations(range(len(matrix)), 2)]


def by_hand(first: numpy.ndarray, second: numpy.ndarray, correlate) -> float:
    """The share of all permutations of the tasks that correlate as much."""
    wanted = abs(correlate(pairs_of(first), pairs_of(second)).statistic)
    orders = list(itertools.permutations(range(len(first))))
    found = [
        abs(correlate(pairs_of(first), pairs_of(second[numpy.ix_(order, order)])).statistic)
        for order in orders
    ]
    return sum(value >= wanted - 1e-9 for value in found) / len(orders)


@settings(max_examples=12, deadline=None)
@given(tasks=st.integers(3, 5), seed=st.integers(0, 10_000), values=st.sampled_from([0, 3]))
def test_both_coefficients_and_their_exact_p_values(tasks: int, seed: int, values: int) -> None:
    first, second = symmetric(tasks, seed), symmetric(tasks, seed + 1, values)
    if len(set(pairs_of(second))) == 1:
        return
    found = similarity_test(first, second)
    for association, correlate in ((found.pearson, pearsonr), (found.spearman, spearmanr)):
        wanted = correlate(pairs_of(first), pairs_of(second)).statistic
        assert association.r == pytest.approx(wanted, abs=1e-12)
        assert association.p_value == pytest.approx(by_hand(first, second, correlate))
    assert found.exact and found.permutations == math.factorial(tasks)
    assert found.pairs == tasks * (tasks - 1) // 2


def test_random_permutations_come_close_to_all_of_them() -> None:
    first, second = symmetric(6, 0), symmetric(6, 1)
    exact = similarity_test(first, second, rounds=720)
    drawn = similarity_test(first, second, rounds=719)
    assert exact.exact and not drawn.exact and drawn.permutations == 719
    assert drawn.pearson.p_value == pytest.approx(exact.pearson.p_value, abs=0.06)
    assert drawn == similarity_test(first, second, rounds=719)
    assert drawn != similarity_test(first, second, rounds=719, seed=1)


def test_order_of_tasks_scale_and_diagonal_do_not_matter() -> None:
    first, second = symmetric(5, 2), symmetric(5, 3)
    order = [3, 0, 4, 1, 2]
    moved = similarity_test(first[numpy.ix_(order, order)], second[numpy.ix_(order, order)])
    second = 1 - 2 * second
    numpy.fill_diagonal(second, numpy.nan)
    turned = similarity_test(first, second)
    wanted = similarity_test(first, symmetric(5, 3))
    assert moved.pearson == pytest.approx(wanted.pearson)
    assert moved.spearman == pytest.approx(wanted.spearman)
    assert turned.pearson == pytest.approx((-wanted.pearson.r, wanted.pearson.p_value))


def test_a_permutation_is_of_tasks_not_of_pairs() -> None:
    """One odd task: its three pairs alone make r = 1, which 1 of 4 tasks as the odd one gives."""
    odd = numpy.zeros((4, 4))
    odd[0, 1:] = odd[1:, 0] = 1.0
    found = similarity_test(odd, odd)
    assert found.pearson.r == pytest.approx(1.0)
    assert found.pearson.p_value == pytest.approx(1 / 4)


def test_equal_numbers_have_no_correlation() -> None:
    found = similarity_test(symmetric(4, 0), numpy.ones((4, 4)))
    assert math.isnan(found.pearson.r) and math.isnan(found.spearman.p_value)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (symmetric(2, 0), symmetric(2, 0), "three tasks"),
        (symmetric(3, 0), symmetric(4, 0), "of 3 and 4 tasks"),
        (numpy.arange(9.0).reshape(3, 3), symmetric(3, 0), "symmetric"),
        (symmetric(3, 0), numpy.full((3, 3), numpy.nan), "needs a number"),
    ],
)
def test_what_is_no_pair_of_matrices(first, second, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        similarity_test(first, second)


def test_pairs_become_a_matrix_and_missing_ones_are_named() -> None:
    matrix, missing = pair_matrix(["b", "a", "c"], {("a", "b"): 1.0, ("b", "c"): 2, ("c", "b"): 4})
    assert matrix[0, 1] == matrix[1, 0] == 1 and matrix[0, 2] == 3
    assert numpy.isnan(matrix[1, 2]) and missing == [("a", "c")]
