"""Comparisons of groups against enumeration, one at a time, and independent corrections."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy
import pytest

from allennlp_heads.analysis.probing import Fold, ItemHits, ProbeResult, build, compare_probes
from tests.analysis.probing.hits_by_chance import random_hits

LABELS = ["x", "y", "z"]


def run(seed: int, accuracy: float = 0.6, sentences: int = 30, data: int = 0) -> ProbeResult:
    """The same items for the same `data`, right with another chance and luck."""
    where = random_hits(data, sentences=sentences, labels=3)
    chances = numpy.random.default_rng([seed, data])
    correct = chances.random(where.correct.shape) < accuracy
    score = ItemHits(correct, where.label, where.sentence)
    choice = random_hits(seed + 500, labels=3).tally(3)
    return build("dependency", LABELS, numpy.ones((2, 3), bool), [Fold(choice, score)], draws=20)


def accuracies(runs: list[ProbeResult], place: int | None = None) -> list[float]:
    return [
        float(run.items.correct[True if place is None else run.items.label == place].mean())
        for run in runs
    ]


def holm_by_hand(p_values: list[float]) -> list[float]:
    """The least level at which the step-down procedure rejects each, found by trying levels."""

    def rejected(level: float) -> list[bool]:
        left = dict(enumerate(p_values))
        while left:
            least = min(left, key=lambda place: left[place])
            if left[least] * len(left) > level + 1e-12:
                break
            del left[least]
        return [place not in left for place in range(len(p_values))]

    levels = sorted({min(p * k, 1.0) for p in p_values for k in range(1, len(p_values) + 1)} | {1})
    return [
        min(level for level in levels if level == 1 or rejected(level)[place])
        for place in range(len(p_values))
    ]


def test_means_and_spread_over_runs() -> None:
    groups = {"static": [run(1)], "STL": [run(2, 0.8), run(3, 0.8), run(4, 0.8)]}
    found = compare_probes(groups, "static", rounds=50)
    assert (found.kind, found.reference) == ("dependency", "static")
    assert found.labels == [score.label for score in groups["static"][0].labels]
    assert found.counts == groups["static"][0].counts.tolist()
    assert found.rare == [score.rare for score in groups["static"][0].labels]
    for place in range(3):
        score, base = found.by_label["STL"][place], found.by_label["static"][place]
        expected = accuracies(groups["STL"], place)
        assert score.runs == pytest.approx(expected)
        assert score.mean == pytest.approx(numpy.mean(expected))
        assert score.std == pytest.approx(numpy.std(expected, ddof=1))
        assert base.std is base.against is None
        assert score.against.difference == pytest.approx(score.mean - base.mean)
        assert score.against.low <= score.against.difference <= score.against.high
    weighted = found.overall["STL"]["weighted"]
    assert weighted.mean == pytest.approx(numpy.mean(accuracies(groups["STL"])))
    assert weighted.against.difference == pytest.approx(
        weighted.mean - accuracies(groups["static"])[0]
    )
    for way, score in found.overall["STL"].items():
        reference = groups["static"][0].overall[way].accuracy
        mean = numpy.mean([one.overall[way].accuracy for one in groups["STL"]])
        assert score.against.difference == pytest.approx(mean - reference), way
        assert score.against.adjusted is None


@pytest.mark.parametrize("way", ["weighted", "unweighted", "one_head"])
def test_p_values_equal_all_exchanges_of_sentences(way: str) -> None:
    first, others = run(5, 0.4, sentences=8), [run(6, 0.7, sentences=8), run(7, 0.7, sentences=8)]
    found = compare_probes({"a": [first], "b": others}, "a", rounds=256).overall["b"][way]
    item = first.items
    hits = [one.items.one_head if way == "one_head" else one.items.correct for one in others]
    base = item.one_head if way == "one_head" else item.correct

    def score(correct: numpy.ndarray) -> float:
        if way != "unweighted":
            return float(correct.mean())
        return float(numpy.mean([correct[item.label == label].mean() for label in range(3)]))

    differences = []
    for choice in itertools.product([False, True], repeat=8):
        swapped = numpy.array(choice)[item.sentence]
        there = [score(numpy.where(swapped, base, one)) for one in hits]
        here = [score(numpy.where(swapped, one, base)) for one in hits]
        differences.append(numpy.mean(there) - numpy.mean(here))
    extreme = numpy.abs(differences) >= abs(differences[0]) - 1e-9
    assert found.against.p_value == pytest.approx(extreme.mean())


def test_holm_is_over_the_labels_of_a_group() -> None:
    groups = {"a": [run(1)], "b": [run(2, 0.75)], "c": [run(3, 0.7)]}
    found = compare_probes(groups, "a", rounds=500)
    for name in "bc":
        tests = [score.against for score in found.by_label[name]]
        expected = holm_by_hand([test.p_value for test in tests])
        assert [test.adjusted for test in tests] == pytest.approx(expected)
        assert all(test.adjusted >= test.p_value for test in tests)


def test_of_equal_probes_none_is_different() -> None:
    found = compare_probes({"a": [run(1)], "b": [run(1), run(1)]}, "a", rounds=100)
    for score in [*found.by_label["b"], *found.overall["b"].values()]:
        against = score.against
        assert (against.difference, against.low, against.high) == pytest.approx((0, 0, 0))
        assert against.p_value == 1


def test_chance_is_called_a_difference_as_often_as_the_level_says() -> None:
    small = []
    for seed in range(120):
        groups = {"a": [run(3 * seed)], "b": [run(3 * seed + 1), run(3 * seed + 2)]}
        found = compare_probes(groups, "a", rounds=200)
        small.append(found.overall["b"]["weighted"].against.p_value <= 0.1)
    # two runs against one: exchanging both with it is no exact test of runs with luck of their own
    assert 0.02 <= numpy.mean(small) <= 0.2


def test_the_same_seed_gives_the_same_numbers() -> None:
    groups = {"a": [run(1)], "b": [run(2)]}
    assert compare_probes(groups, "a", 200, seed=4) == compare_probes(groups, "a", 200, seed=4)


def test_what_cannot_be_compared_is_refused() -> None:
    first = run(1)
    with pytest.raises(ValueError, match="no group 'c'"):
        compare_probes({"a": [first]}, "c")
    with pytest.raises(ValueError, match="no runs in the group 'b'"):
        compare_probes({"a": [first], "b": []}, "a")
    with pytest.raises(ValueError, match="run 2 of 'b' was scored on other items"):
        compare_probes({"a": [first], "b": [run(2), run(3, data=1)]}, "a")
    renamed = replace(first, labels=[replace(score, label="?") for score in first.labels])
    with pytest.raises(ValueError, match="other items"):
        compare_probes({"a": [first], "b": [renamed]}, "a")
    with pytest.raises(ValueError, match="'srl'"):
        compare_probes({"a": [first], "b": [replace(first, kind="srl")]}, "a")
