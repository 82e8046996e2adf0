"""Differences between methods, target by target."""

from __future__ import annotations

import numpy
import pytest
from scipy.stats import wilcoxon

from allennlp_heads.analysis import holm
from allennlp_heads.analysis.transfer import MethodEvaluation, compare_methods, evaluate

TASKS = 8


def evaluations(targets: int = TASKS) -> dict[str, MethodEvaluation]:
    generator = numpy.random.default_rng(0)
    performance = generator.random((TASKS, TASKS)) * 30 + 50
    allowed = ~numpy.eye(TASKS, dtype=bool)
    allowed[:, targets:] = False
    near = performance + generator.normal(0, 5, performance.shape)
    methods = {"ideal": performance, "near": near, "random": numpy.zeros((TASKS, TASKS))}
    return evaluate(methods, performance, allowed, draws=100)


FOUND = evaluations()


def test_differences_are_paired_and_corrected() -> None:
    compared = compare_methods(FOUND, "random", ["ndcg", "regret@1"], rounds=500)
    assert list(compared) == ["ndcg", "regret@1"] and list(compared["ndcg"]) == ["ideal", "near"]
    for measure, methods in compared.items():
        base = FOUND["random"].measures[measure].targets
        assert [test.adjusted for test in methods.values()] == pytest.approx(
            holm([test.p_value for test in methods.values()])
        )
        for name, test in methods.items():
            values = FOUND[name].measures[measure].targets
            assert test.difference == pytest.approx((values - base).mean())
            assert test.p_value == pytest.approx(wilcoxon(values, base, method="exact").pvalue)
            assert test.lower <= test.difference <= test.upper


def test_better_is_better_whichever_way_a_measure_points() -> None:
    compared = compare_methods(FOUND, "random", ["ndcg", "best_rank"], rounds=10)
    up, down = (compared[measure]["ideal"] for measure in ("ndcg", "best_rank"))
    assert (up.better, up.worse) == (down.better, down.worse) == (TASKS, 0)
    assert up.difference > 0 > down.difference


def test_a_measure_defined_nowhere_compares_nothing() -> None:
    performance = numpy.where(numpy.eye(3), numpy.nan, -1.0)
    methods = {"a": numpy.eye(3), "b": numpy.ones((3, 3))}
    found = evaluate(methods, performance, ~numpy.eye(3, dtype=bool), draws=10)
    assert compare_methods(found, "a", ["regret@1"]) == {"regret@1": {}}


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="no method 'text'"):
        compare_methods(FOUND, "text")
    with pytest.raises(ValueError, match="no measure 'regret@2'"):
        compare_methods(FOUND, "random", ["regret@2"])
    with pytest.raises(ValueError, match="'near' was not evaluated on the targets"):
        compare_methods({**FOUND, "near": evaluations(targets=5)["near"]}, "random")
