"""Evaluation over targets: means, intervals and chance, against enumeration and one at a time."""

from __future__ import annotations

import itertools
import math

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allennlp_heads.analysis.transfer import MethodEvaluation, allowed_sources, evaluate
from tests.analysis.transfer.orders import expected

NAN = math.nan
CLASSES = ["a", "b", "a", "b", "a"]


def matrix(seed: int, tasks: int = 5) -> numpy.ndarray:
    found = numpy.random.default_rng(seed).random((tasks, tasks)) * 20 + 60
    numpy.fill_diagonal(found, NAN)
    return found


def evaluated(
    performance: numpy.ndarray, draws: int = 200, **methods: numpy.ndarray
) -> dict[str, MethodEvaluation]:
    return evaluate(methods, performance, ~numpy.eye(len(performance), dtype=bool), draws=draws)


def test_the_ideal_method_and_its_opposite() -> None:
    performance = matrix(0)
    found = evaluated(performance, ideal=performance, opposite=-performance)
    means = {name: score.mean for name, score in found["ideal"].measures.items()}
    assert means == pytest.approx({name: float("regret" not in name) for name in means}, abs=1e-9)
    opposite = found["opposite"].measures
    assert opposite["best_rank"].mean == 4 and opposite["spearman"].mean == pytest.approx(-1)
    assert opposite["regret@5"].mean == 0  # there are only four sources
    for name in ("ndcg", "best_rank", "spearman", "hit@1"):
        assert found["ideal"].measures[name].p_value < 0.05 < 0.8 < opposite[name].p_value
    chosen = numpy.nanargmax(performance, axis=0)
    assert found["ideal"].chosen.tolist() == chosen.tolist()


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6))
def test_a_target_alone_is_the_mean_of_its_orders(seed: int) -> None:
    generator = numpy.random.default_rng(seed)
    scores = generator.integers(0, 3, (5, 5)).astype(float)
    scores[generator.random((5, 5)) < 0.2] = NAN
    performance = matrix(seed)
    found = evaluated(performance, draws=5, method=scores)["method"]
    for column in range(5):
        others = numpy.arange(5) != column
        pair = scores[others, column].tolist(), performance[others, column].tolist()
        for name in ("ndcg", "best_rank", "regret@1", "hit@3"):
            value = found.measures[name].targets[column]
            assert value == pytest.approx(expected(name, *pair), abs=1e-6)
    assert found.unscored == numpy.isnan(scores[~numpy.eye(5, dtype=bool)]).sum()


def test_random_is_chance() -> None:
    found = evaluated(matrix(1), draws=4000, random=numpy.zeros((5, 5)))["random"]
    for score in found.measures.values():
        assert score.mean == pytest.approx(score.chance)
        assert score.chance_lower == score.chance_upper == pytest.approx(score.chance)
        assert score.p_value == 1
    assert found.measures["best_rank"].chance == pytest.approx(2.5)
    assert found.chosen.tolist() == [1, 0, 0, 0, 0]  # of equal ones the earliest


def test_what_a_method_says_nothing_of() -> None:
    performance, scores = matrix(1), matrix(2)
    scores[:, 3] = NAN
    found = evaluated(performance, method=scores, none=performance * NAN)
    method, none = found["method"], found["none"]
    assert method.silent == [3] and method.chosen[3] == -1 < numpy.delete(method.chosen, 3).min()
    assert method.unscored == 4 and numpy.isfinite(method.ranks[:, 3]).sum() == 4
    assert none.silent == [0, 1, 2, 3, 4] and set(none.chosen) == {-1}
    for name, score in none.measures.items():
        assert score.mean == pytest.approx(score.chance) and score.p_value == 1
        if name == "best_rank":
            assert method.measures[name].targets[3] == 2.5


def test_intervals_are_the_bootstrap_over_targets() -> None:
    """All draws of three targets from three, by enumeration."""
    performance, scores = matrix(2, tasks=3), matrix(3, tasks=3)
    found = evaluated(performance, draws=20_000, method=scores)["method"].measures["ndcg"]
    means = [numpy.mean(drawn) for drawn in itertools.product(found.targets, repeat=3)]
    lower, upper = numpy.quantile(means, [0.025, 0.975], method="inverted_cdf")
    assert found.mean == pytest.approx(numpy.mean(found.targets))
    assert (found.lower, found.upper) == (pytest.approx(lower), pytest.approx(upper))


def test_methods_see_the_same_draws_and_seeds_repeat() -> None:
    performance, scores = matrix(4), matrix(5)
    once = evaluated(performance, draws=100, one=scores, two=scores * 2)
    again = evaluated(performance, draws=100, one=scores)
    for name, score in once["one"].measures.items():
        assert score[:7] == once["two"].measures[name][:7] == again["one"].measures[name][:7]


def test_missing_cells_and_targets_without_choice() -> None:
    performance = matrix(6)
    performance[:, 1] = NAN
    performance[2, 0] = NAN
    allowed = allowed_sources(CLASSES, within=True)
    found = evaluate({"ideal": performance}, performance, allowed, draws=50)["ideal"]
    # target 0 has one source left, 1 and 3 have none or one in their class
    assert found.chosen[[0, 1, 3]].tolist() == [-1, -1, -1]
    ndcg = found.measures["ndcg"]
    numpy.testing.assert_allclose(ndcg.targets, [NAN, NAN, 1, NAN, 1])
    assert ndcg.mean == pytest.approx(1)
    assert numpy.isfinite(found.ranks).sum(axis=0).tolist() == [0, 0, 2, 0, 2]


def test_a_single_target_has_no_interval() -> None:
    allowed = numpy.zeros((5, 5), dtype=bool)
    allowed[1:, 0] = True
    found = evaluate({"m": matrix(7)}, matrix(8), allowed, draws=50)["m"].measures["ndcg"]
    assert math.isnan(found.lower) and math.isnan(found.upper) and found.mean > 0


def test_targets_that_any_source_helps_the_same() -> None:
    """As a task that never leaves its majority class: every order is ideal, none correlates."""
    performance = matrix(9)
    performance[:, 0] = [NAN, 62.2, 62.2, 62.2 + 1e-12, 62.2]
    found = evaluated(performance, method=matrix(10))["method"].measures
    assert found["ndcg"].targets[0] == 1 and found["best_rank"].targets[0] == 1
    assert math.isnan(found["spearman"].targets[0])
    assert found["spearman"].mean == pytest.approx(numpy.mean(found["spearman"].targets[1:]))


def test_measures_that_are_defined_nowhere() -> None:
    performance = numpy.where(numpy.eye(3), NAN, -5.0)
    found = evaluated(performance, method=matrix(0, tasks=3))["method"].measures
    assert math.isnan(found["regret@1"].mean) and math.isnan(found["regret@1"].p_value)
    assert found["ndcg"].mean == 1


def test_the_relevance_has_a_scale() -> None:
    performance, allowed = matrix(1), ~numpy.eye(5, dtype=bool)
    methods = {"worst": -performance}
    points = evaluate(methods, performance, allowed, draws=10)["worst"].measures
    fractions = evaluate(methods, performance, allowed, draws=10, scale=0.01)["worst"].measures
    assert points["ndcg"].mean < 0.6 and fractions["ndcg"].mean > 0.9
    assert points["regret@1"].mean == fractions["regret@1"].mean


def test_bad_input() -> None:
    performance, allowed = matrix(0), ~numpy.eye(5, dtype=bool)
    with pytest.raises(ValueError, match=r"of 'm' are \[2, 5\]"):
        evaluate({"m": numpy.ones((2, 5))}, performance, allowed)
    with pytest.raises(ValueError, match="two sources to choose from"):
        evaluate({"m": performance}, performance * NAN, allowed)
    with pytest.raises(ValueError, match=r"the same tasks, not \[4, 5\]"):
        evaluate({"m": performance[:4]}, performance[:4], allowed[:4])
    with pytest.raises(ValueError, match="at least one draw"):
        evaluate({"m": performance}, performance, allowed, draws=0)
