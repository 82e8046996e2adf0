"""Exchanging the names of tasks: which there are, and that what knows nothing finds nothing."""

from __future__ import annotations

import itertools
import math

import numpy
import pytest

from allennlp_heads.analysis.transfer import allowed_sources, evaluate, ranking_measures
from allennlp_heads.analysis.transfer.places import Places
from allennlp_heads.analysis.transfer.renamings import renamings
from tests.analysis.transfer.orders import expected

NAN = math.nan


def everyone(tasks: int) -> numpy.ndarray:
    return ~numpy.eye(tasks, dtype=bool)


def test_all_where_they_are_few() -> None:
    found = renamings(everyone(4), 24, seed=0)
    assert sorted(map(tuple, found)) == list(itertools.permutations(range(4)))
    assert found[0].tolist() == [0, 1, 2, 3]


def test_within_classes() -> None:
    allowed = allowed_sources(["a", "b", "a", "b", "c"], within=True)
    found = renamings(allowed, 100, seed=0)
    assert sorted(found.tolist()) == [
        [0, 1, 2, 3, 4],
        [0, 3, 2, 1, 4],
        [2, 1, 0, 3, 4],
        [2, 3, 0, 1, 4],
    ]
    # a target that nobody chooses from, and that is alone with its sources
    allowed = numpy.zeros((4, 4), dtype=bool)
    allowed[1:, 0] = True
    assert sorted(renamings(allowed, 100, seed=0)[:, 0].tolist()) == [0] * 6


@pytest.mark.parametrize("within", [True, False])
def test_some_where_they_are_many(within: bool) -> None:
    classes = ["a", "b"] * 4
    allowed = allowed_sources(classes, within)
    found = renamings(allowed, 400, seed=1)
    assert found.shape == (400, 8) and found[0].tolist() == list(range(8))
    for order in found:
        assert sorted(order) == list(range(8))
        assert (allowed[numpy.ix_(order, order)] == allowed).all()
    share = (found[1:, 0] == 2).mean()
    assert share == pytest.approx(1 / 4 if within else 1 / 8, abs=0.06)
    numpy.testing.assert_array_equal(renamings(allowed, 400, seed=1), found)
    assert (renamings(allowed, 400, seed=2) != found).any()


def brute_force(scores: numpy.ndarray, performance: numpy.ndarray) -> list[float]:
    """Mean NDCG of four tasks under all names, the true ones first."""
    means = []
    for order in itertools.permutations(range(4)):
        values = []
        for target in range(4):
            sources = [s for s in range(4) if not math.isnan(performance[s, target])]
            given = [scores[order[source], order[target]] for source in sources]
            known = [performance[source, target] for source in sources]
            values.append(expected("ndcg", given, known))
        means.append(float(numpy.mean(values)))
    return means


@pytest.mark.parametrize("seed", range(4))
def test_p_by_enumeration(seed: int) -> None:
    """A cell is missing, and so are a score and the order of two equal ones."""
    generator = numpy.random.default_rng(seed)
    performance = generator.random((4, 4)) * 20 + 60
    numpy.fill_diagonal(performance, NAN)
    performance[1, 0] = NAN
    scores = generator.integers(0, 3, (4, 4)).astype(float)
    scores[2, 3] = NAN
    means = brute_force(scores, performance)
    found = evaluate({"m": scores}, performance, everyone(4))["m"].measures["ndcg"]
    assert found.mean == pytest.approx(means[0])
    assert found.p_value == numpy.mean([mean >= means[0] - 1e-9 for mean in means])
    assert found.chance == pytest.approx(numpy.mean(means))
    limits = numpy.quantile(means, [0.025, 0.975])
    assert [found.chance_lower, found.chance_upper] == pytest.approx(limits)


def test_what_knows_nothing_is_found_good_as_often_as_said() -> None:
    """
    Some sources are good for all targets, and methods order sources alike for all of them, but
    independently of what is good. Orders drawn for each target by itself would call too many good.
    """
    tasks, methods, level = 6, 250, 0.05
    generator = numpy.random.default_rng(0)
    good = 4 * generator.normal(size=(tasks, 1))
    performance = 60 + good + generator.normal(size=(tasks, tasks))
    scores = generator.normal(size=(methods, tasks, 1)) + 0.5 * generator.normal(
        size=(methods, tasks, tasks)
    )
    named = {str(number): one for number, one in enumerate(scores)}
    found = evaluate(named, performance, everyone(tasks), draws=100)
    for measure in ("ndcg", "spearman"):
        rate = numpy.mean([one.measures[measure].p_value <= level for one in found.values()])
        assert 0.02 < rate < 0.09
    drawn = independent("spearman", performance, 1000, generator)
    means = numpy.array([one.measures["spearman"].mean for one in found.values()])
    shares = (drawn >= means[:, None]).mean(axis=1)
    assert (shares <= level).mean() > 0.15


def independent(
    measure: str, performance: numpy.ndarray, draws: int, generator: numpy.random.Generator
) -> numpy.ndarray:
    """Means over targets of orders drawn for each by itself, `[draws]`."""
    values = []
    for target, known in enumerate(performance.T):
        places = numpy.tile(numpy.arange(1, len(known)), (draws, 1))
        places = generator.permuted(places, axis=1)
        rest = numpy.delete(known, target)
        values.append(ranking_measures()[measure].of(Places(places, places), rest))
    return numpy.asarray(numpy.mean(values, axis=0))
