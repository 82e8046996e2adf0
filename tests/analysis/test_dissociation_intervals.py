"""Intervals and tests of dissociation scores against direct resampling and known cases."""

from __future__ import annotations

from dataclasses import replace

import numpy
import pytest

from allennlp_heads.analysis.dissociation import dissociation
from allennlp_heads.analysis.dissociation_intervals import (
    TaskCounts,
    against_random,
    bootstrap,
    resampled,
)
from allennlp_heads.analysis.measures import ANSWERED, MEASURES
from tests.reports.dissociation_runs import TASKS, table_3

ACCURACY = MEASURES["accuracy"]


def _right(right: numpy.ndarray) -> numpy.ndarray:
    """Accuracy counts of `[..., examples]`."""
    ones = numpy.ones_like(right)
    return numpy.stack([right, ones, ones], axis=-1).astype(numpy.int32)


def _counts(name: str, shape: tuple[int, ...], seed: int = 0) -> numpy.ndarray:
    generator = numpy.random.default_rng(seed)
    if name in ("pearson", "spearman"):
        return generator.normal(size=(*shape, 2))
    if name in ANSWERED:
        return numpy.concatenate([generator.random((*shape, 2)), numpy.ones((*shape, 1))], axis=-1)
    if name == "matthews":
        both = generator.random((*shape, 2)) < 0.5
        ones = numpy.ones(shape)
        return numpy.stack([both.all(-1), both[..., 0], both[..., 1], ones], axis=-1)
    return _right(generator.random(shape) < 0.7)


@pytest.mark.parametrize("name", MEASURES)
def test_resampled_scores_are_those_of_the_examples_drawn(name: str) -> None:
    counts, measure = _counts(name, (2, 3, 17)), MEASURES[name]
    found = resampled(counts, measure, 5, seed=3)
    drawn = numpy.random.default_rng(3).integers(0, 17, (5, 17))
    assert found.shape == (5, 2, 3)
    for row, examples in enumerate(drawn):
        for place in numpy.ndindex(2, 3):
            wanted = measure.of_examples(counts[place][examples])
            assert found[(row, *place)] == pytest.approx(wanted, abs=1e-12)


def test_parts_of_the_rounds_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = _counts("accuracy", (2, 17))
    whole = resampled(counts, ACCURACY, 10, seed=0)
    monkeypatch.setattr("allennlp_heads.analysis.resampling.AT_ONCE", 40)
    assert (resampled(counts, ACCURACY, 10, seed=0) == whole).all()


def test_intervals_lie_around_the_scores_and_shrink_with_examples() -> None:
    widths = []
    for examples in (200, 3_200):
        data = table_3(examples, runs=1, draws=2)
        counts = data.counts(0)
        scores = {task: found.measure.of_examples(found.own[0]) for task, found in counts.items()}
        base = [ACCURACY.of_examples(found.base[0]) for found in counts.values()]
        point = dissociation(numpy.stack(list(scores.values()), axis=-1), numpy.array(base))
        found = bootstrap(counts, rounds=300)
        for place, task in enumerate(TASKS):
            assert found.d[task].lower < point.d[place] < found.d[task].upper
        assert found.mean.lower < point.mean < found.mean.upper
        for pair in point.pairs:
            first, second = (task for task in TASKS if TASKS.index(task) in pair[:2])
            interval = found.pairs[first, second]
            assert interval.lower < pair.d < interval.upper
        widths.append(found.mean.upper - found.mean.lower)
    assert widths[0] / widths[1] == pytest.approx(4, rel=0.25)


def test_coverage_of_the_interval() -> None:
    """In most of many worlds with D = 20 the interval holds it."""
    generator = numpy.random.default_rng(0)
    hits = 0
    for world in range(60):
        counts = {
            task: TaskCounts(
                ACCURACY,
                _right(numpy.ones((1, 150), dtype=bool)),
                _right(generator.random((1, 2, 150)) < numpy.array(rates)[:, None]),
                _right(generator.random((1, 1, 150)) < 0.9),
            )
            for task, rates in {"a": (0.6, 0.8), "b": (0.8, 0.6)}.items()
        }
        interval = bootstrap(counts, rounds=200, seed=world).mean
        hits += interval.lower <= 20 <= interval.upper
    assert 50 <= hits <= 60


def test_equal_masks_have_no_difference_in_any_draw() -> None:
    row = _right(numpy.arange(40) % 3 > 0)
    same = TaskCounts(ACCURACY, row[None], numpy.tile(row, (1, 2, 1, 1)), row[None, None])
    found = bootstrap({"a": same, "b": same}, rounds=50)
    for interval in (*found.d.values(), found.mean, *found.pairs.values()):
        assert interval == (0, 0)
    assert found.against_random == {"a": (0, 0), "b": (0, 0)}


def test_runs_that_differ_widen_the_interval() -> None:
    data = table_3(400, runs=4, draws=1)
    own = {task: counts.copy() for task, counts in data.own.items()}
    for task in TASKS:
        own[task][:2] = data.base[task][:2, None, None]  # no mask does anything in two of the runs
    counts = replace(data, own=own).counts(0)
    fixed, drawn = bootstrap(counts, 300).mean, bootstrap(counts, 300, over_runs=True).mean
    assert drawn.upper - drawn.lower > 2 * (fixed.upper - fixed.lower)
    with pytest.raises(ValueError, match="two runs"):
        bootstrap(table_3(50, runs=1).counts(0), 10, over_runs=True)


def test_intervals_of_a_task_without_a_positive_base_score() -> None:
    data = table_3(60, runs=1, draws=1)
    base = dict(data.base)
    base["ag"] = base["ag"] * [[[0, 1, 1]]]
    found = bootstrap(replace(data, base=base).counts(0), 40)
    assert numpy.isnan(found.d["ag"]).all() and numpy.isnan(found.against_random["ag"]).all()
    assert numpy.isnan(found.pairs["mnli", "ag"]).all()
    assert not numpy.isnan([*found.d["mnli"], *found.mean]).any()


def test_own_mask_against_random_masks() -> None:
    own = _right(numpy.arange(60) % 2 == 0)[None]
    random = _right(numpy.stack([numpy.ones(60), numpy.arange(60) % 10 > 0]) > 0)[None]
    found = against_random(own, random, ACCURACY, rounds=500)
    assert found.difference == pytest.approx(0.95 - 0.5)
    assert found.p_value < 0.01 and 0.25 < found.lower < 0.45 < found.upper < 0.65
    same = against_random(own, numpy.stack([own, own], axis=1), ACCURACY, rounds=500)
    assert same.difference == 0 and same.p_value == 1


def test_p_values_are_uniform_when_the_own_mask_is_a_random_one() -> None:
    generator = numpy.random.default_rng(0)
    p_values = []
    for _ in range(150):
        kept = _right(generator.random((1, 5, 80)) < 0.7)
        p_values.append(against_random(kept[:, 0], kept[:, 1:], ACCURACY, rounds=200).p_value)
    assert 0.01 <= numpy.mean(numpy.array(p_values) <= 0.1) <= 0.2


def test_a_base_score_near_zero_leaves_no_interval() -> None:
    """One right example of sixty: in a third of the draws there is none."""
    data = table_3(60, runs=1, draws=1)
    base = {**data.base, "ag": _right(numpy.arange(60) == 0)[None]}
    found = bootstrap(replace(data, base=base).counts(0), 200)
    assert numpy.isnan(found.d["ag"]).all() and numpy.isnan(found.mean).all()
    assert not numpy.isnan(found.d["mnli"]).any()


def test_no_task_with_a_positive_base_score() -> None:
    data = table_3(20, runs=1, draws=1)
    base = {task: counts * [0, 1, 1] for task, counts in data.base.items()}
    assert numpy.isnan(bootstrap(replace(data, base=base).counts(0), 20).mean).all()
