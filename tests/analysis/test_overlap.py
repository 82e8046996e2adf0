"""Agreement of gates, against definitions written out plainly and against enumeration."""

from __future__ import annotations

import itertools
import math
import time

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from allennlp_heads.analysis.overlap import (
    adjusted_r2,
    correlations,
    overlap_test,
    pearson,
    run_to_run,
    shuffled,
)

FULL = numpy.ones((2, 3), dtype=bool)
seeds = st.integers(0, 10**6)


def grids(seed: int, runs: int, heads: int) -> numpy.ndarray:
    return numpy.random.default_rng(seed).random((runs, heads))


def random_masks(seed: int, runs: int, layers: int = 2, heads: int = 3) -> numpy.ndarray:
    return numpy.random.default_rng(seed).random((runs, layers, heads)) < 0.5


def jaccard_by_sets(first: numpy.ndarray, second: numpy.ndarray) -> float:
    one, other = ({*map(tuple, numpy.argwhere(mask).tolist())} for mask in (first, second))
    return len(one & other) / len(one | other) if one | other else math.nan


def mean_jaccard(first: list[numpy.ndarray], second: list[numpy.ndarray]) -> float:
    values = [jaccard_by_sets(a, b) for a, b in itertools.product(first, second)]
    values = [value for value in values if not math.isnan(value)]
    return sum(values) / len(values) if values else math.nan


def relabellings(exists: numpy.ndarray) -> list[list[tuple[int, ...]]]:
    """Every way of permuting the heads within each layer (here all heads exist)."""
    layers, heads = exists.shape
    every = list(itertools.permutations(range(heads)))
    return [list(choice) for choice in itertools.product(every, repeat=layers)]


def relabel(mask: numpy.ndarray, permutation: list[tuple[int, ...]]) -> numpy.ndarray:
    return numpy.stack([row[list(order)] for row, order in zip(mask, permutation)])


@given(seeds, st.integers(2, 30))
def test_pearson_is_that_of_scipy_and_symmetric(seed: int, heads: int) -> None:
    one, other = grids(seed, 2, heads)
    assert pearson(one, other) == pytest.approx(stats.pearsonr(one, other).statistic, abs=1e-9)
    assert pearson(one, other) == pytest.approx(pearson(other, one))
    assert pearson(one, 1 - 3 * one) == pytest.approx(-1) and abs(pearson(one, other)) <= 1


def test_pearson_of_a_constant_is_undefined() -> None:
    assert math.isnan(pearson(numpy.ones(5), numpy.arange(5)))
    assert math.isnan(pearson(numpy.zeros(0), numpy.zeros(0)))
    with pytest.raises(ValueError, match="4 and 5"):
        pearson(numpy.ones(4), numpy.ones(5))


def test_correlations_leave_the_diagonal_to_the_runs() -> None:
    values = grids(0, 3, 10)
    table = correlations(values)
    wanted = numpy.corrcoef(values)
    off = ~numpy.eye(3, dtype=bool)
    assert numpy.isnan(numpy.diagonal(table)).all()
    assert numpy.allclose(table[off], wanted[off]) and (table[off] == table.T[off]).all()


@given(seeds, st.integers(1, 4), st.integers(8, 40))
def test_adjusted_r2_by_the_normal_equations(seed: int, others: int, heads: int) -> None:
    values = grids(seed, others + 1, heads)
    # from the correlations alone: R² = c' C^-1 c
    table = numpy.corrcoef(values)
    squared = table[-1, :-1] @ numpy.linalg.inv(table[:-1, :-1]) @ table[-1, :-1]
    wanted = 1 - (1 - squared) * (heads - 1) / (heads - others - 1)
    assert adjusted_r2(values[-1], values[:-1]) == pytest.approx(wanted, abs=1e-8)


def test_adjusted_r2_at_its_edges() -> None:
    values = grids(1, 3, 12)
    doubled = numpy.stack([values[0], values[0], 1 - values[0]])
    assert adjusted_r2(values[2], doubled) == pytest.approx(adjusted_r2(values[2], values[:1]))
    assert adjusted_r2(values[0], values) == pytest.approx(1)
    assert math.isnan(adjusted_r2(numpy.ones(12), values))
    assert math.isnan(adjusted_r2(values[0, :3], values[1:, :3]))


def test_run_to_run_needs_two_runs_for_r_and_three_for_the_regression() -> None:
    values = grids(2, 3, 60)
    one, two, three = (run_to_run(values[:runs]) for runs in (1, 2, 3))
    assert math.isnan(one.adjusted_r) and math.isnan(one.pearson)
    assert math.isnan(two.adjusted_r)
    assert two.pearson == pytest.approx(pearson(values[0], values[1]))
    pairs = [pearson(a, b) for a, b in itertools.combinations(values, 2)]
    assert three.pearson == pytest.approx(sum(pairs) / 3)


def test_run_to_run_is_the_root_and_never_of_a_negative_number() -> None:
    values = grids(3, 3, 60)
    values[2] = values[0] + 0.1 * values[2]
    adjusted = adjusted_r2(values[2], values[:2])
    assert run_to_run(values).adjusted_r == pytest.approx(math.sqrt(adjusted))
    unrelated = next(
        found for found in (grids(seed, 3, 20) for seed in range(99)) if _adjusted(found) < 0
    )
    assert run_to_run(unrelated).adjusted_r == 0


def _adjusted(values: numpy.ndarray) -> float:
    return adjusted_r2(values[-1], values[:-1])


@given(seeds)
def test_pairwise_r_does_not_depend_on_the_order_of_the_runs(seed: int) -> None:
    values = grids(seed, 4, 9)
    order = numpy.random.default_rng(seed).permutation(4)
    assert run_to_run(values).pearson == pytest.approx(run_to_run(values[order]).pearson)


@given(seeds, st.lists(st.integers(1, 3), min_size=1, max_size=3))
@settings(max_examples=30)
def test_jaccard_is_that_of_sets(seed: int, sizes: list[int]) -> None:
    masks = random_masks(seed, sum(sizes))
    groups = numpy.repeat(numpy.arange(len(sizes)), sizes)
    found = overlap_test(masks, groups, FULL, draws=5)
    for row, column in itertools.product(range(len(sizes)), repeat=2):
        first, second = (list(masks[groups == place]) for place in (row, column))
        if row == column:
            pairs = [mean_jaccard([a], [b]) for a, b in itertools.combinations(first, 2)]
            pairs = [value for value in pairs if not math.isnan(value)]
            wanted = sum(pairs) / len(pairs) if pairs else math.nan
        else:
            wanted = mean_jaccard(first, second)
        assert found.observed[row, column] == pytest.approx(wanted, nan_ok=True)
    for table in found:
        assert numpy.allclose(table, table.T, equal_nan=True)
        kept = table[~numpy.isnan(table)]
        assert ((kept >= 0) & (kept <= 1 + 1e-12)).all()
    assert (numpy.isnan(found.observed) == numpy.isnan(found.p_values)).all()


def test_p_between_groups_is_that_of_all_relabellings() -> None:
    masks = random_masks(5, 5)
    groups = numpy.array([0, 0, 0, 1, 1])
    first, second = list(masks[:3]), list(masks[3:])
    observed = mean_jaccard(first, second)
    values = [
        mean_jaccard(first, [relabel(mask, order) for mask in second])
        for order in relabellings(FULL)
    ]
    exact = numpy.mean([value >= observed - 1e-9 for value in values])
    found = overlap_test(masks, groups, FULL, draws=20_000)
    assert 0 < exact < 1
    assert found.p_values[0, 1] == pytest.approx(exact, abs=0.015)
    assert found.by_chance[0, 1] == pytest.approx(numpy.mean(values), abs=0.005)


def test_p_within_a_group_relabels_each_run_alone() -> None:
    masks = random_masks(8, 2)
    observed = jaccard_by_sets(*masks)
    values = [jaccard_by_sets(masks[0], relabel(masks[1], order)) for order in relabellings(FULL)]
    exact = numpy.mean([value >= observed - 1e-9 for value in values])
    found = overlap_test(masks, numpy.zeros(2, dtype=int), FULL, draws=20_000)
    assert found.p_values[0, 0] == pytest.approx(exact, abs=0.015)


def test_likeness_of_runs_to_each_other_is_no_likeness_of_groups() -> None:
    # two tasks that chose independently, each with five identical runs: as much as one run each
    chosen = numpy.random.default_rng(4).random((2, 4, 8)) < 0.5
    exists = numpy.ones((4, 8), dtype=bool)
    alone = overlap_test(chosen, numpy.arange(2), exists, draws=4000).p_values[0, 1]
    repeated = overlap_test(
        chosen.repeat(5, axis=0), numpy.arange(2).repeat(5), exists, draws=4000
    ).p_values[0, 1]
    assert repeated == pytest.approx(alone, abs=0.05)


def test_layers_open_for_everybody_are_no_overlap_and_equal_masks_are() -> None:
    exists = numpy.ones((4, 12), dtype=bool)
    layers = numpy.zeros((2, 4, 12), dtype=bool)
    layers[:, 1:3] = True
    found = overlap_test(layers, numpy.arange(2), exists, draws=99)
    assert found.observed[0, 1] == found.by_chance[0, 1] == found.p_values[0, 1] == 1
    equal = numpy.tile(numpy.arange(12) < 6, (2, 4, 1))
    assert overlap_test(equal, numpy.arange(2), exists, draws=999).p_values[0, 1] == 1 / 1000


def test_nothing_open_is_undefined() -> None:
    masks = numpy.zeros((3, 2, 3), dtype=bool)
    masks[2, 0, 0] = True
    found = overlap_test(masks, numpy.arange(3), FULL, draws=9)
    assert math.isnan(found.observed[0, 1]) and math.isnan(found.p_values[0, 1])
    assert found.observed[0, 2] == 0 and found.p_values[0, 2] == 1


@given(seeds)
@settings(max_examples=20)
def test_shuffled_keeps_layers_sizes_and_groups(seed: int) -> None:
    generator = numpy.random.default_rng(seed)
    exists = generator.random((3, 5)) < 0.7
    masks = (generator.random((4, 3, 5)) < 0.5) & exists
    masks[1] = masks[0]
    together = numpy.array([0, 0, 1, 2])
    (found,) = shuffled(masks, exists, together, 20, seed)
    assert found.shape == (20, *masks.shape)
    assert (found.sum(axis=3) == masks.sum(axis=2)).all() and (found[:, 0] == found[:, 1]).all()
    places = numpy.arange(5) < exists.sum(axis=1)[:, None]
    assert not found[:, :, ~places].any()


def test_shuffled_is_uniform_in_parts_and_repeatable(monkeypatch: pytest.MonkeyPatch) -> None:
    mask = numpy.array([[[True, False, False, True]]])
    exists = numpy.ones((1, 4), dtype=bool)
    monkeypatch.setattr("allennlp_heads.analysis.overlap._AT_ONCE", 4 * 1000)
    parts = list(shuffled(mask, exists, numpy.zeros(1, dtype=int), 6500, 3))
    assert [len(part) for part in parts] == [1000] * 6 + [500]
    drawn = numpy.concatenate(parts)[:, 0, 0]
    counts = numpy.unique(drawn @ [8, 4, 2, 1], return_counts=True)[1]
    assert len(counts) == 6 and stats.chisquare(counts).pvalue > 1e-3
    again = numpy.concatenate(list(shuffled(mask, exists, numpy.zeros(1, dtype=int), 6500, 3)))
    assert (again[:, 0, 0] == drawn).all()
    with pytest.raises(ValueError, match="at least one draw"):
        next(shuffled(mask, exists, numpy.zeros(1, dtype=int), 0, 3))


def test_fifteen_runs_of_144_heads_take_seconds() -> None:
    masks = random_masks(0, 15, 12, 12)
    start = time.process_time()
    overlap_test(masks, numpy.arange(15), numpy.ones((12, 12), dtype=bool))
    assert time.process_time() - start < 10
