"""Intervals against scipy, loops and simulation."""

from __future__ import annotations

import numpy
import pytest
from scipy import stats

from allennlp_heads.analysis.probing.intervals import (
    by_sentence,
    percentiles,
    ratio_intervals,
    resample,
)


def intervals(part: numpy.ndarray, whole: numpy.ndarray, draws: int, seed: int) -> numpy.ndarray:
    drawn = resample(numpy.column_stack([part, whole]), draws, seed)
    return ratio_intervals(part, whole, *numpy.split(drawn, 2, axis=1))


def sentences_of(
    generator: numpy.random.Generator, number: int, mean: float, spread: float
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Correct and all items of sentences that are differently hard (a beta distribution)."""
    whole = generator.integers(1, 12, number)
    easy = generator.beta(mean / spread, (1 - mean) / spread, number)
    return generator.binomial(whole, easy)[:, None].astype(float), whole[:, None].astype(float)


def test_sums_by_sentence_and_label() -> None:
    generator = numpy.random.default_rng(0)
    label, sentence = generator.integers(0, 3, 50), 5 * generator.integers(0, 9, 50)
    values = generator.random(50)
    found = by_sentence(values, label, sentence, 4)
    for row, number in enumerate(sorted(set(sentence.tolist()))):
        for column in range(4):
            here = (sentence == number) & (label == column)
            assert found[row, column] == pytest.approx(values[here].sum())


def test_agrees_with_scipy() -> None:
    part, whole = sentences_of(numpy.random.default_rng(1), 60, 0.7, 0.5)

    def ratio(correct: numpy.ndarray, count: numpy.ndarray, axis: int) -> numpy.ndarray:
        return correct.sum(axis=axis) / count.sum(axis=axis)

    expected = stats.bootstrap(
        (part[:, 0], whole[:, 0]), ratio, paired=True, method="percentile", rng=2, n_resamples=5000
    ).confidence_interval
    found = intervals(part, whole, 5000, 3)[:, 0]
    assert found == pytest.approx([expected.low, expected.high], abs=0.01)


def test_covers_the_truth_where_single_items_would_not() -> None:
    generator = numpy.random.default_rng(4)
    covered, too_sure = [], []
    for seed in range(200):
        part, whole = sentences_of(generator, 60, 0.7, 1.0)
        low, high = intervals(part, whole, 300, seed)[:, 0]
        covered.append(low <= 0.7 <= high)
        right, total = part.sum(), whole.sum()
        wide = 1.96 * (right / total * (1 - right / total) / total) ** 0.5
        too_sure.append(abs(right / total - 0.7) <= wide)
    assert 0.89 <= numpy.mean(covered) <= 0.99
    assert numpy.mean(too_sure) < 0.8


def test_what_is_always_right_is_not_certain() -> None:
    whole = numpy.array([[3.0], [2.0], [4.0]])
    low, high = intervals(whole, whole, 100, 0)[:, 0]
    assert high == 1
    # all three sentences are right with a chance of 2.5%, as scipy has it
    exact = stats.binomtest(3, 3).proportion_ci(0.95, "exact")
    assert low == pytest.approx(exact.low)
    low, high = intervals(0 * whole, whole, 100, 0)[:, 0]
    assert (low, high) == (0, pytest.approx(1 - exact.low))


def test_one_sentence_says_nothing() -> None:
    part, whole = numpy.array([[1.0, 0.0], [2.0, 0.0]]), numpy.array([[4.0, 0.0], [2.0, 0.0]])
    part[:, 1], whole[0, 1] = [2, 0], 3
    assert intervals(part, whole, 200, 0)[:, 1].tolist() == [0, 1]


def test_samples_without_the_label_are_left_out() -> None:
    drawn = numpy.array([[0.1], [numpy.nan], [0.3], [numpy.nan]])
    assert percentiles(drawn)[:, 0] == pytest.approx(numpy.quantile([0.1, 0.3], [0.025, 0.975]))
    part, whole = numpy.zeros((50, 1)), numpy.zeros((50, 1))
    part[0], whole[:2] = 1, 1
    low, high = intervals(part, whole, 400, 0)[:, 0]
    assert (low, high) == (0, 1)


@pytest.mark.filterwarnings("error")
def test_a_column_that_no_sample_has() -> None:
    part, whole = numpy.zeros((1000, 3)), numpy.zeros((1000, 3))
    whole[:2] = 1
    part[0, 0], part[:2, 1] = 1, 1
    sums = numpy.zeros((1, 3))
    found = ratio_intervals(part, whole, sums, sums)
    assert found[:, 0].tolist() == [0, 1]
    assert found[:, 1] == pytest.approx([0.025**0.5, 1])
    assert found[:, 2] == pytest.approx([0, 1 - 0.025**0.5])


def test_the_same_seed_gives_the_same_interval() -> None:
    part, whole = sentences_of(numpy.random.default_rng(5), 30, 0.5, 0.5)
    first = intervals(part, whole, 200, 9)
    numpy.testing.assert_array_equal(first, intervals(part, whole, 200, 9))
    assert (first != intervals(part, whole, 200, 10)).any()
