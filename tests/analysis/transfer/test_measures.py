"""Measures of rankings against all orders by brute force and against scikit-learn and scipy."""

from __future__ import annotations

import math

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import ndcg_score

from allennlp_heads.analysis.transfer import places, ranking_measures
from allennlp_heads.analysis.transfer.measures import ndcg, regret
from tests.analysis.transfer.orders import expected

MEASURES = ranking_measures()
ENUMERATED = [name for name in MEASURES if name != "spearman"]

score = st.one_of(st.integers(0, 3).map(float), st.just(math.nan))
rankings = st.lists(st.tuples(score, st.integers(1, 5)), min_size=2, max_size=5)


def value(name: str, scores: list[float], performance: list[float]) -> float:
    found = MEASURES[name].of(places(numpy.array(scores)), numpy.array(performance, dtype=float))
    return float(found)


@settings(deadline=None, max_examples=40)
@given(rankings)
@pytest.mark.parametrize("name", ENUMERATED)
def test_ties_are_the_mean_of_all_their_orders(
    name: str, ranking: list[tuple[float, float]]
) -> None:
    scores, performance = (list(column) for column in zip(*ranking))
    assert value(name, scores, performance) == pytest.approx(
        expected(name, scores, performance), abs=1e-9
    )


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 12), st.booleans())
def test_ndcg_is_scikit_learns(seed: int, sources: int, ties: bool) -> None:
    """It takes gains as they are and averages over ties as well."""
    generator = numpy.random.default_rng(seed)
    performance = generator.random(sources) * 8
    scores = generator.integers(0, 3, sources) if ties else generator.random(sources)
    wanted = ndcg_score([2**performance - 1], [scores])
    assert float(ndcg(places(scores), performance)) == pytest.approx(wanted, rel=1e-10)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 9))
def test_spearman_is_scipys(seed: int, sources: int) -> None:
    scores, performance = numpy.random.default_rng(seed).integers(0, 5, (2, sources)).astype(float)
    found = value("spearman", scores.tolist(), performance.tolist())
    if numpy.ptp(performance) == 0:
        assert math.isnan(found)
    elif numpy.ptp(scores) == 0:
        assert found == 0
    else:
        assert found == pytest.approx(spearmanr(scores, performance).statistic)


@settings(deadline=None)
@given(st.lists(st.integers(1, 100).map(float), min_size=2, max_size=12))
def test_the_ideal_order(performance: list[float]) -> None:
    for name, best in {"ndcg": 1, "best_rank": 1, "hit@1": 1, "regret@1": 0}.items():
        assert value(name, performance, performance) == pytest.approx(best, abs=1e-9)
    if len(set(performance)) > 1:
        assert value("spearman", performance, performance) == pytest.approx(1)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 8))
def test_no_order_is_better_than_the_ideal_one(seed: int, sources: int) -> None:
    generator = numpy.random.default_rng(seed)
    performance, scores = generator.random(sources) * 100, generator.random((50, sources))
    found = ndcg(places(scores), performance)
    assert found.shape == (50,) and (found <= 1 + 1e-12).all() and (found > 0).all()
    lost = [regret(places(scores), performance, k) for k in (1, 3, 5)]
    assert (lost[0] >= lost[1] - 1e-9).all() and (lost[1] >= lost[2] - 1e-9).all()
    assert (lost[2] >= 0).all() and (lost[0] <= 100).all()


@pytest.mark.parametrize("name", list(MEASURES))
def test_rankings_at_once_are_rankings_one_by_one(name: str) -> None:
    generator = numpy.random.default_rng(1)
    performance, scores = generator.random(6) * 90, generator.integers(0, 4, (3, 5, 6))
    found = MEASURES[name].of(places(scores), performance)
    assert found.shape == (3, 5)
    for row, column in numpy.ndindex(3, 5):
        one = value(name, scores[row, column].tolist(), performance.tolist())
        assert found[row, column] == pytest.approx(one)


@pytest.mark.parametrize("sources", [2, 3, 10, 32])
def test_chance_levels_by_hand(sources: int) -> None:
    equal, performance = [0.0] * sources, [float(number) for number in range(1, sources + 1)]
    assert value("best_rank", equal, performance) == (sources + 1) / 2
    assert value("hit@1", equal, performance) == pytest.approx(1 / sources)
    assert value("hit@3", equal, performance) == pytest.approx(min(1, 3 / sources))
    mean = sum(performance) / sources
    assert value("regret@1", equal, performance) == pytest.approx(100 * (1 - mean / sources))
    assert value("spearman", equal, performance) == 0


def test_the_scale_of_relevance_decides() -> None:
    """Ten sources, deviation 5 points: about 0.5 of a random order in points, 0.97 as fractions."""
    generator = numpy.random.default_rng(0)
    equal = places(numpy.zeros(10))
    drawn = [generator.normal(70, 5, 10) for _ in range(400)]
    points = numpy.mean([ndcg(equal, performance) for performance in drawn])
    fractions = numpy.mean([ndcg(equal, performance, scale=0.01) for performance in drawn])
    assert points == pytest.approx(0.53, abs=0.03)
    assert fractions == pytest.approx(0.97, abs=0.01)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e3])
def test_gains_neither_overflow_nor_vanish(scale: float) -> None:
    performance = numpy.array([90.0, 60.0, 30.0])
    backwards = float(ndcg(places(-performance), performance, scale))
    if scale == 1e3:  # only the best counts: 1 / log2(4)
        assert backwards == pytest.approx(0.5)
    if scale == 1e-12:  # gains are proportional to performance
        discounts = 1 / numpy.log2([2, 3, 4])
        wanted = discounts @ performance[::-1] / (discounts @ performance)
        assert backwards == pytest.approx(wanted)
    assert float(ndcg(places(performance), performance, scale)) == pytest.approx(1)


def test_what_is_not_defined() -> None:
    assert math.isnan(value("regret@1", [1, 2], [-0.5, 0.0]))
    assert value("ndcg", [1, 2, 3], [0.0, 0.0, 0.0]) == 1
    # a negative correlation has no relevance
    assert value("ndcg", [1, 2], [2.0, -3.0]) == pytest.approx(math.log(2) / math.log(3))
    with pytest.raises(ValueError, match="scale of relevance"):
        ndcg(places(numpy.ones(2)), numpy.ones(2), scale=0)
    with pytest.raises(ValueError, match="k = 0"):
        regret(places(numpy.ones(2)), numpy.ones(2), 0)
