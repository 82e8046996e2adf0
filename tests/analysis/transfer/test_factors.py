"""Regression of gains, against least squares and an explicit bootstrap of targets."""

from __future__ import annotations

import math

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allennlp_heads.analysis.transfer import explain_gains

TASKS = 7
OTHERS = ~numpy.eye(TASKS, dtype=bool)


def drawn(seed: int) -> tuple[numpy.ndarray, dict[str, numpy.ndarray]]:
    generator = numpy.random.default_rng(seed)
    classes = numpy.array([0, 0, 0, 1, 1, 1, 1])
    features = {
        "size": generator.random(TASKS) * 5 + 3,
        "similarity": 0.99 + generator.random((TASKS, TASKS)) / 100,
        "same_class": (classes[:, None] == classes).astype(float),
    }
    return generator.normal(0.1, 0.3, (TASKS, TASKS)), features


def rows(
    gains: numpy.ndarray, features: dict[str, numpy.ndarray], targets: list[int]
) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """Cells of these targets one after the other: gains, features, position of the target."""
    y, x, group = [], [], []
    for position, target in enumerate(targets):
        for source in range(TASKS):
            if source != target:
                y.append(gains[source, target])
                tables = features.values()
                x.append([t[source] if t.ndim == 1 else t[source, target] for t in tables])
                group.append(position)
    return numpy.array(y), numpy.array(x), numpy.array(group)


def solved(y: numpy.ndarray, x: numpy.ndarray, group: numpy.ndarray, within: bool) -> numpy.ndarray:
    """Intercepts first: of each target within targets, and one otherwise."""
    ones = group[:, None] == numpy.unique(group) if within else numpy.ones((len(y), 1))
    return numpy.linalg.lstsq(numpy.hstack([ones.astype(float), x]), y, rcond=None)[0]


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6), st.booleans())
def test_least_squares_is_numpys(seed: int, within: bool) -> None:
    gains, features = drawn(seed)
    found = explain_gains(gains, features, OTHERS, within, draws=2)
    y, x, group = rows(gains, features, list(range(TASKS)))
    wanted = solved(y, x, group, within)
    coefficients = [factor.coefficient for factor in found.factors.values()]
    assert list(found.factors) == list(features)
    assert coefficients == pytest.approx(wanted[-3:].tolist(), rel=1e-6, abs=1e-8)
    assert (found.cells, found.targets, found.missing) == (TASKS * (TASKS - 1), TASKS, 0)
    if within:
        assert math.isnan(found.intercept)
    else:
        assert found.intercept == pytest.approx(wanted[0], rel=1e-6)
        design = numpy.column_stack([numpy.ones(len(y)), x])
        residual = y - design @ wanted
        assert found.r2 == pytest.approx(1 - residual.var() / y.var())
        assert found.factors["size"].deviation == pytest.approx(x[:, 0].std())


@pytest.mark.parametrize("within", [False, True])
def test_the_bootstrap_draws_whole_targets(within: bool) -> None:
    """One draw after the other, with the rows written out; a target drawn twice counts twice."""
    gains, features = drawn(3)
    draws = 300
    found = explain_gains(gains, features, OTHERS, within, draws, seed=5)
    chosen = numpy.random.default_rng(5).integers(0, TASKS, (draws, TASKS))
    solutions = [solved(*rows(gains, features, list(pick)), within)[-3:] for pick in chosen]
    lower, upper = numpy.quantile(solutions, [0.025, 0.975], axis=0)
    factors = list(found.factors.values())
    assert [factor.lower for factor in factors] == pytest.approx(lower.tolist(), rel=1e-5)
    assert [factor.upper for factor in factors] == pytest.approx(upper.tolist(), rel=1e-5)
    assert found.singular == 0


def test_what_is_there_is_found() -> None:
    _, features = drawn(0)
    gains = 2 * features["similarity"] - 0.1 * features["size"][:, None] + 0.3
    found = explain_gains(gains, features, OTHERS, draws=50)
    assert found.r2 == pytest.approx(1)
    assert found.intercept == pytest.approx(0.3, abs=1e-8)
    for name, wanted in {"similarity": 2, "size": -0.1, "same_class": 0}.items():
        factor = found.factors[name]
        for value in (factor.coefficient, factor.lower, factor.upper):
            assert value == pytest.approx(wanted, abs=1e-8)


def test_easy_targets_have_no_say_within_targets() -> None:
    """Gains of a target all shifted by how easy it is to improve."""
    gains, features = drawn(1)
    moved = gains + numpy.arange(TASKS) * 10
    one, other = (explain_gains(g, features, OTHERS, True, draws=50) for g in (gains, moved))
    for name in features:
        assert one.factors[name][:3] == pytest.approx(other.factors[name][:3], rel=1e-6)
    assert one.r2 == pytest.approx(other.r2)
    assert explain_gains(moved, features, OTHERS, draws=5).r2 < 0.5


def test_missing_cells_are_counted() -> None:
    gains, features = drawn(2)
    gains[0, 1] = numpy.nan
    gains[3, 2] = numpy.inf  # a baseline of zero
    features["similarity"][4, 5] = numpy.nan
    gains[:, 6] = numpy.nan
    found = explain_gains(gains, features, OTHERS, draws=5)
    assert (found.missing, found.cells, found.targets) == (9, 33, 6)


def test_features_that_do_not_vary_are_left_out() -> None:
    gains, features = drawn(4)
    features["same_class"] = numpy.full((TASKS, TASKS), 0.1)
    features["of_target"] = numpy.tile(numpy.random.default_rng(0).random(TASKS), (TASKS, 1))
    found = explain_gains(gains, features, OTHERS, draws=5)
    assert found.constant == ["same_class"]
    within = explain_gains(gains, features, OTHERS, within_targets=True, draws=5)
    assert within.constant == ["same_class", "of_target"]
    assert list(within.factors) == ["size", "similarity"]


def test_draws_without_a_solution_are_counted() -> None:
    """Only one target has a source of its class: a draw without it cannot tell."""
    gains, features = drawn(5)
    features["same_class"] = numpy.zeros((TASKS, TASKS))
    features["same_class"][1, 0] = 1
    found = explain_gains(gains, features, OTHERS, draws=2000)
    assert found.singular / 2000 == pytest.approx((6 / 7) ** 7, abs=0.04)
    assert numpy.isfinite(found.factors["same_class"].lower)


def test_a_single_target_has_no_interval() -> None:
    gains, features = drawn(6)
    allowed = numpy.zeros((TASKS, TASKS), dtype=bool)
    allowed[1:, 0] = True
    found = explain_gains(gains, {"size": features["size"]}, allowed)
    assert found.targets == 1 and math.isnan(found.factors["size"].lower)
    assert numpy.isfinite(found.factors["size"].coefficient)


def test_equal_gains_explain_nothing() -> None:
    _, features = drawn(7)
    found = explain_gains(numpy.full((TASKS, TASKS), 0.1), features, OTHERS, draws=5)
    assert math.isnan(found.r2)
    assert found.factors["size"].coefficient == pytest.approx(0, abs=1e-12)


def test_intercepts_of_targets_need_cells_too() -> None:
    """Two sources for each of two targets: four cells, three numbers, or four with intercepts."""
    gains, features = drawn(9)
    allowed = numpy.zeros((TASKS, TASKS), dtype=bool)
    allowed[4:6, :2] = True
    pair = {name: features[name] for name in ("size", "similarity")}
    assert explain_gains(gains, pair, allowed, draws=5).cells == 4
    with pytest.raises(ValueError, match="4 cells are too few"):
        explain_gains(gains, pair, allowed, within_targets=True)


def test_bad_input() -> None:
    gains, features = drawn(8)
    with pytest.raises(ValueError, match=r"feature 'size' is \[3\]"):
        explain_gains(gains, {"size": numpy.ones(3)}, OTHERS)
    with pytest.raises(ValueError, match="at least one feature"):
        explain_gains(gains, {}, OTHERS)
    with pytest.raises(ValueError, match="no allowed cell"):
        explain_gains(gains * numpy.nan, features, OTHERS)
    with pytest.raises(ValueError, match="too few"):
        explain_gains(gains, {"constant": numpy.ones(TASKS)}, OTHERS)
    twice = {**features, "again": features["size"] * 3 + 1}
    with pytest.raises(ValueError, match="follows from the others"):
        explain_gains(gains, twice, OTHERS)
