"""Every measure against scikit-learn or scipy, and sums against single examples."""

from __future__ import annotations

import warnings
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from sklearn import metrics

from allennlp_heads.analysis import MEASURES, Measure, measure_of

LABELS = st.integers(1, 30).flatmap(
    lambda size: st.tuples(*[arrays(numpy.int64, size, elements=st.integers(0, 1))] * 2)
)
# few values make ties, wide ones make rounding
NUMBERS = st.one_of(st.integers(-3, 3).map(float), st.floats(-1e3, 1e3, width=32))
VALUES = st.integers(2, 30).flatmap(
    lambda size: st.tuples(*[arrays(numpy.float64, size, elements=NUMBERS)] * 2)
)

COUNTS = arrays(
    numpy.int64, st.tuples(*[st.integers(1, 4)] * 2, st.just(4)), elements=st.integers(0, 9)
)


def decisions(predicted: Any, gold: Any) -> numpy.ndarray:
    """Counts `[examples, 4]` of binary decisions."""
    return numpy.stack([predicted & gold, predicted, gold, numpy.ones_like(gold)], axis=-1)


@settings(deadline=None)
@given(LABELS)
def test_binary_measures_are_those_of_scikit_learn(labels: Any) -> None:
    predicted, gold = labels
    counts = decisions(predicted, gold)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = {
            "f1": metrics.f1_score(gold, predicted, zero_division=0),
            "matthews": metrics.matthews_corrcoef(gold, predicted),
        }
    assert MEASURES["f1"].of_examples(counts[:, :3]) == pytest.approx(wanted["f1"])
    assert MEASURES["matthews"].of_examples(counts) == pytest.approx(wanted["matthews"])
    right = (predicted == gold).astype(int)
    each = numpy.ones_like(right)
    found = MEASURES["accuracy"].of_examples(numpy.stack([right, each, each], axis=-1))
    assert found == pytest.approx(metrics.accuracy_score(gold, predicted))


@settings(deadline=None)
@given(VALUES)
def test_correlations_are_those_of_scipy(values: Any) -> None:
    pairs = numpy.stack(values, axis=-1)
    # beside a large mean nothing is left of a tiny variation, in scipy either
    spread = [numpy.ptp(column) / max(1e-300, abs(column).max()) for column in values]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = {"pearson": stats.pearsonr(*values)[0], "spearman": stats.spearmanr(*values)[0]}
    for name, value in wanted.items():
        if name == "spearman" or min(spread) == 0 or min(spread) > 1e-4:
            value = 0 if numpy.isnan(value) else value
            assert MEASURES[name].of_examples(pairs) == pytest.approx(value, abs=1e-7)


@settings(deadline=None, max_examples=50)
@given(COUNTS)
def test_sums_say_the_same_as_examples(drawn: numpy.ndarray) -> None:
    # true <= predicted, gold <= all
    counts = numpy.sort(drawn, axis=-1)
    for measure in MEASURES.values():
        if measure.additive:
            own = counts[..., : len(measure.columns)]
            together = measure.of_sums(own.sum(axis=-2))
            numpy.testing.assert_array_equal(together, measure.of_examples(own))
            alone = [float(measure.of_examples(run)) for run in own]
            assert together.tolist() == pytest.approx(alone)


@pytest.mark.parametrize("name", ["pearson", "spearman"])
def test_many_draws_at_once_are_like_one_at_a_time(name: str) -> None:
    values = numpy.random.default_rng(0).normal(size=(3, 2, 40, 2)).round(1)
    together = MEASURES[name].of_examples(values)
    assert together.shape == (3, 2)
    for place in numpy.ndindex(3, 2):
        assert together[place] == pytest.approx(float(MEASURES[name].of_examples(values[place])))


@pytest.mark.parametrize("value", [0.0, 0.1, 1e-30, 7e20])
def test_constant_values_give_nothing(value: float) -> None:
    gold = numpy.arange(5.0)
    for pair in ((numpy.full(5, value), gold), (gold, numpy.full(5, value))):
        for name in ("pearson", "spearman"):
            assert MEASURES[name].of_examples(numpy.stack(pair, axis=-1)) == 0
    ones = numpy.ones(5, dtype=int)
    for predicted in (ones, 0 * ones):
        assert MEASURES["matthews"].of_examples(decisions(predicted, numpy.arange(5) % 2)) == 0


def test_tiny_values_correlate_as_their_multiples_do() -> None:
    values = numpy.random.default_rng(1).normal(size=(9, 2))
    whole = MEASURES["pearson"].of_examples(values)
    assert MEASURES["pearson"].of_examples(values * [1e-200, 1e150]) == pytest.approx(whole)


@pytest.mark.parametrize("measure", MEASURES.values(), ids=list(MEASURES))
def test_no_examples(measure: Measure) -> None:
    assert measure.of_examples(numpy.zeros((2, 0, len(measure.columns)))).tolist() == [0, 0]


def test_answers_are_means_of_what_is_known_of_each_question() -> None:
    counts = numpy.array([[0.4, 0, 1], [1, 1, 1], [0, 0, 1], [0.75, 0, 1]])
    assert MEASURES["token_f1"].of_examples(counts) == pytest.approx(2.15 / 4, rel=1e-15)
    assert MEASURES["exact_match"].of_examples(counts) == 0.25
    both = [MEASURES[name].of_sums(counts.sum(axis=0)) for name in ("token_f1", "exact_match")]
    assert both == [pytest.approx(2.15 / 4), 0.25]


def test_large_counts_do_not_overflow() -> None:
    half = 2_000_000_000
    assert MEASURES["matthews"].of_sums(numpy.array([half, half, half, 2 * half])) == 1


def test_measures_of_metrics() -> None:
    assert [measure_of(name).name for name in ("las", None, "f1")] == ["f1"] * 3
    for name in ("accuracy", "matthews", "pearson", "spearman", "token_f1", "exact_match"):
        assert measure_of(name).name == name


def test_sums_are_not_enough_for_correlations() -> None:
    with pytest.raises(ValueError, match="'spearman' needs every example"):
        MEASURES["spearman"].of_sums(numpy.ones(2))
