"""Tests and intervals against enumeration, scipy, simulation and the laws they must obey."""

from __future__ import annotations

import itertools

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from allennlp_heads.analysis import MEASURES, Measure, accuracy, compare, f1, holm
from allennlp_heads.analysis.measures import ANSWERED
from allennlp_heads.analysis.significance import Metric

METRICS = [accuracy, f1]


def random_counts(examples: int, seed: int, share: float = 0.7, runs: int = 1) -> numpy.ndarray:
    """Counts `[runs, examples, 3]` of a system that finds `share` of what there is."""
    generator = numpy.random.default_rng(seed)
    gold = numpy.random.default_rng(99).integers(1, 12, examples)
    gold = numpy.broadcast_to(gold, (runs, examples))
    correct = generator.binomial(gold, share)
    return numpy.stack([correct, correct + generator.integers(0, 4, gold.shape), gold], axis=-1)


def enumerated(first: numpy.ndarray, second: numpy.ndarray, metric: Metric) -> float:
    """The share of all exchanges, one by one, with as large a difference as the real one."""

    def difference(one: numpy.ndarray, other: numpy.ndarray) -> float:
        scores = [[float(metric(run.sum(axis=0))) for run in runs] for runs in (one, other)]
        return float(numpy.mean(scores[1]) - numpy.mean(scores[0]))

    observed, extreme = abs(difference(first, second)), 0
    choices = list(itertools.product([False, True], repeat=first.shape[1]))
    for choice in choices:
        one, other = first.copy(), second.copy()
        for example in numpy.flatnonzero(choice):
            one[:, example], other[:, example] = second[:, example], first[:, example]
        extreme += abs(difference(one, other)) >= observed - 1e-12
    return extreme / len(choices)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("runs", [1, 3])
@pytest.mark.parametrize("seed", range(3))
def test_few_examples_are_enumerated(metric: Metric, runs: int, seed: int) -> None:
    first = random_counts(7, seed, 0.5, runs)
    second = random_counts(7, seed + 50, 0.8, runs)
    found = compare(first, second, metric, rounds=128)
    assert found.exact
    assert found.p_value == pytest.approx(enumerated(first, second, metric), abs=1e-12)


def test_random_exchanges_come_near_the_exact_value() -> None:
    first, second = random_counts(12, 1, 0.6), random_counts(12, 2, 0.75)
    differing = int((first != second).any(axis=(0, 2)).sum())
    exact = compare(first, second, rounds=2**differing)
    sampled = compare(first, second, rounds=2**differing - 1)
    assert exact.exact and not sampled.exact
    assert sampled.p_value == pytest.approx(exact.p_value, abs=0.03)


def test_agrees_with_scipy() -> None:
    first, second = random_counts(80, 1)[0], random_counts(80, 2, 0.74)[0]
    both = numpy.concatenate([first, second])

    def statistic(one: numpy.ndarray, other: numpy.ndarray, axis: int) -> numpy.ndarray:
        return f1(both[other].sum(axis=axis - 1)) - f1(both[one].sum(axis=axis - 1))

    rows = numpy.arange(80), numpy.arange(80, 160)
    found = compare(first, second)
    tested = stats.permutation_test(
        rows, statistic, permutation_type="samples", n_resamples=4000, batch=500, rng=1, axis=-1
    )
    assert found.difference == pytest.approx(float(tested.statistic))
    assert found.p_value == pytest.approx(tested.pvalue, abs=0.03)
    drawn = stats.bootstrap(
        rows, statistic, paired=True, n_resamples=4000, batch=500, rng=1, method="percentile"
    )
    interval = drawn.confidence_interval
    width = interval.high - interval.low
    assert found.lower == pytest.approx(interval.low, abs=0.06 * width)
    assert found.upper == pytest.approx(interval.high, abs=0.06 * width)


@pytest.mark.parametrize("metric", METRICS)
def test_levels_mean_what_they_say_where_nothing_differs(metric: Metric) -> None:
    """Pairs of equally good systems: p is below a level as often as the level says."""
    p_values = numpy.array(
        [
            compare(random_counts(60, 2 * i), random_counts(60, 2 * i + 1), metric, 400).p_value
            for i in range(400)
        ]
    )
    for level in (0.05, 0.1, 0.25):
        error = 3 * (level * (1 - level) / len(p_values)) ** 0.5
        assert (p_values <= level).mean() == pytest.approx(level, abs=error)


def test_the_interval_covers_the_true_difference_as_often_as_it_says() -> None:
    covered = []
    for i in range(150):
        systems = random_counts(80, 2 * i), random_counts(80, 2 * i + 1)
        found = compare(*systems, accuracy, rounds=1000)
        covered.append(found.lower <= 0 <= found.upper)
    assert 0.90 <= numpy.mean(covered) <= 0.99


def test_a_real_difference_is_found() -> None:
    found = compare(random_counts(300, 1, 0.7), random_counts(300, 2, 0.8), accuracy)
    assert found.p_value == pytest.approx(1 / 10_001)
    assert 0 < found.lower < found.difference < found.upper


def test_runs_are_exchanged_together() -> None:
    """Copies of one run carry no more evidence than that run."""
    first, second = random_counts(60, 1), random_counts(60, 2, 0.75)
    once = compare(first, second)
    thrice = compare(numpy.repeat(first, 3, axis=0), numpy.repeat(second, 3, axis=0))
    assert thrice[:5] == pytest.approx(once[:5])
    assert thrice.by_run == pytest.approx(once.by_run * 3)


def test_difference_is_that_of_the_mean_scores() -> None:
    first, second = random_counts(40, 1, runs=3), random_counts(40, 2, runs=3)
    scores = [[f1(run.sum(axis=0)) for run in runs] for runs in (first, second)]
    found = compare(first, second)
    assert found.difference == pytest.approx(numpy.mean(scores[1]) - numpy.mean(scores[0]))
    assert found.by_run == pytest.approx(numpy.subtract(scores[1], scores[0]).tolist())


COUNTS = arrays(numpy.int64, st.tuples(st.integers(1, 9), st.just(3)), elements=st.integers(0, 9))


@settings(max_examples=40, deadline=None)
@given(COUNTS, st.randoms(use_true_random=False), st.sampled_from(METRICS))
def test_laws(first: numpy.ndarray, random: numpy.random.Generator, metric: Metric) -> None:
    order = list(range(len(first)))
    random.shuffle(order)
    second = first[order][:, [0, 2, 1]]
    one, other = compare(first, second, metric, 600), compare(second, first, metric, 600)
    assert 0 < one.p_value <= 1 and one.lower <= one.upper
    assert other.p_value == pytest.approx(one.p_value)
    assert other.difference == pytest.approx(-one.difference)
    assert (-other.upper, -other.lower) == pytest.approx((one.lower, one.upper))
    mixed = compare(first[order], second[order], metric, 600)
    assert mixed.p_value == pytest.approx(one.p_value)
    assert mixed.difference == pytest.approx(one.difference)
    same = compare(first, first, metric, 600)
    assert same[:5] == (0, 1, 0, 0, True)


def test_large_data_is_done_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = random_counts(50, 1), random_counts(50, 2)
    whole = compare(first, second, rounds=500)
    monkeypatch.setattr("allennlp_heads.analysis.resampling.AT_ONCE", 50 * 7)
    assert compare(first, second, rounds=500) == whole


def random_examples(measure: Measure, examples: int, seed: int, runs: int = 1) -> numpy.ndarray:
    """What is kept of each example `[runs, examples, K]`, gold values being the same."""
    gold = numpy.random.default_rng(99).integers(0, 2, examples)
    generator = numpy.random.default_rng(seed)
    if not measure.additive:
        noise = generator.normal(size=(runs, examples)).round(1)
        return numpy.stack([gold + noise, numpy.broadcast_to(gold, noise.shape)], axis=-1)
    if measure.columns == ANSWERED:
        share = numpy.clip(generator.normal(0.5, 0.6, (runs, examples)), 0, 1)
        return numpy.stack([share, share == 1, numpy.ones_like(share)], axis=-1)
    gold = numpy.broadcast_to(gold, (runs, examples))
    predicted = gold ^ (generator.random(gold.shape) < 0.3)
    return numpy.stack([gold & predicted, predicted, gold, numpy.ones_like(gold)], axis=-1)


MEASURED = [MEASURES[name] for name in ("matthews", "pearson", "spearman", "token_f1")]


@pytest.mark.parametrize("measure", MEASURED, ids=lambda measure: measure.name)
@pytest.mark.parametrize("runs", [1, 3])
def test_any_measure_is_enumerated(measure: Measure, runs: int) -> None:
    first, second = (random_examples(measure, 6, seed, runs) for seed in (1, 2))
    scores = [[float(measure.of_examples(run)) for run in runs] for runs in (first, second)]
    found = compare(first, second, measure, rounds=64)
    assert found.exact
    assert found.difference == pytest.approx(numpy.mean(scores[1]) - numpy.mean(scores[0]))
    extreme = 0
    for choice in itertools.product([False, True], repeat=6):
        swap = numpy.array(choice)[:, None]
        pair = numpy.where(swap, second, first), numpy.where(swap, first, second)
        one, other = (numpy.mean([measure.of_examples(run) for run in system]) for system in pair)
        extreme += abs(other - one) >= abs(found.difference) - 1e-12
    assert found.p_value == pytest.approx(extreme / 64)


@pytest.mark.parametrize("measure", MEASURED, ids=lambda measure: measure.name)
def test_intervals_of_any_measure(measure: Measure) -> None:
    first, second = (random_examples(measure, 50, seed) for seed in (1, 2))
    found = compare(first, second, measure, rounds=2000)
    generator = numpy.random.default_rng(5)
    drawn = []
    for _ in range(2000):
        rows = generator.integers(0, 50, 50)
        drawn.append(measure.of_examples(second[0, rows]) - measure.of_examples(first[0, rows]))
    lower, upper = numpy.quantile(drawn, [0.025, 0.975])
    assert found.lower == pytest.approx(lower, abs=0.08 * (upper - lower))
    assert found.upper == pytest.approx(upper, abs=0.08 * (upper - lower))
    backwards = compare(second, first, measure, rounds=2000)
    assert backwards.p_value == found.p_value
    assert (-backwards.upper, -backwards.lower) == pytest.approx((found.lower, found.upper))


def test_additive_measures_need_no_examples() -> None:
    """The way of sums and the way of examples are two ways to the same numbers."""
    measure = MEASURES["matthews"]
    slow = Measure("slow", measure.columns, measure.of_examples, additive=False)
    first, second = (random_examples(measure, 30, seed, 2) for seed in (1, 2))
    found, wanted = (compare(first, second, way, rounds=300) for way in (measure, slow))
    assert found[:5] == pytest.approx(wanted[:5]) and found.by_run == pytest.approx(wanted.by_run)


def test_measures_and_functions_are_alike() -> None:
    first, second = random_counts(30, 1), random_counts(30, 2)
    for name, metric in (("f1", f1), ("accuracy", accuracy)):
        wanted = compare(first, second, MEASURES[name], rounds=300)
        assert compare(first, second, metric, rounds=300) == wanted


def test_counts_of_another_measure() -> None:
    with pytest.raises(ValueError, match=r"examples, 2\] \(prediction, gold\)"):
        compare(random_counts(4, 0), random_counts(4, 1), MEASURES["pearson"])


def test_metrics() -> None:
    counts = numpy.array([[3, 4, 6], [0, 0, 0], [2, 5, 5]])
    assert accuracy(counts).tolist() == [0.5, 0, 0.4]
    assert f1(counts).tolist() == [0.6, 0, 0.4]


def test_holm() -> None:
    # Worked out by hand: 3 * 0.01, 2 * 0.03, 1 * 0.04 which may not be below 0.06.
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


@pytest.mark.parametrize(
    ("second", "options", "message"),
    [
        (random_counts(5, 1), {}, "same examples"),
        (random_counts(4, 1, runs=3), {}, "equally many runs"),
        (numpy.zeros((4, 2)), {}, "counts are"),
        (random_counts(4, 1), {"rounds": 0}, "rounds"),
        (random_counts(4, 1), {"confidence": 1.0}, "confidence"),
    ],
)
def test_wrong_input(second: numpy.ndarray, options: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        compare(random_counts(4, 0), second, **options)  # type: ignore[arg-type]
