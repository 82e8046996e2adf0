"""Results against loops, truths that are known, and the laws they must obey."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allennlp_heads.analysis.probing import (
    Baselines,
    Fold,
    ItemHits,
    LabelHits,
    Offsets,
    ProbeResult,
    build,
)
from allennlp_heads.analysis.probing.score import OVERALL, UNSCORED, UNSEEN
from tests.analysis.probing.hits_by_chance import (
    by_loops,
    cross_fitted,
    held_out,
    part,
    random_hits,
)

LABELS = ["b", "a", "d", "c"]
EXISTS = numpy.array([[True, False, True], [True, True, True]])


def probe(folds: list[Fold], baselines: Baselines | None = None, **options: Any) -> ProbeResult:
    options = {"draws": 50, "rare": 30, **options}
    return build("tagger", LABELS, options.pop("exists", EXISTS), folds, baselines, **options)


def by_name(result: ProbeResult) -> dict[str, Any]:
    return {score.label: score for score in result.labels}


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([None, 2, 5]))
def test_equals_loops_over_items(seed: int, folds: int | None) -> None:
    hits = random_hits(seed)
    made = [held_out(seed)] if folds is None else cross_fitted(hits, folds, len(LABELS))
    result = probe(made)
    right, used, one = by_loops(made, EXISTS, len(LABELS))
    order = sorted(right, key=lambda label: (-len(right[label]), LABELS[label]))
    assert [score.label for score in result.labels] == [LABELS[label] for label in order]
    for place, label in enumerate(order):
        score = result.labels[place]
        assert score.count == result.counts[place] == len(right[label])
        assert score.accuracy == pytest.approx(numpy.mean(right[label]))
        most = max(used[label].values())
        assert (score.layer, score.head) == min(
            head for head, times in used[label].items() if times == most
        )
        assert score.share == pytest.approx(most / len(right[label]))
        assert score.rare == (len(right[label]) < 30)
        assert score.low <= score.accuracy <= score.high
        here = result.items.label == place
        assert result.items.correct[here].tolist() == right[label]
    everything = [correct for label in right for correct in right[label]]
    assert result.overall["weighted"].accuracy == pytest.approx(numpy.mean(everything))
    means = [numpy.mean(right[label]) for label in right]
    assert result.overall["unweighted"].accuracy == pytest.approx(numpy.mean(means))
    assert result.overall["one_head"].accuracy == pytest.approx(numpy.mean(one))
    assert result.items.one_head.tolist() == one


def test_every_head_is_reported_and_random_ones_are_their_mean() -> None:
    fold = held_out(3)
    result = probe([fold])
    for place, score in enumerate(result.labels):
        rows = fold.score.label == LABELS.index(score.label)
        single = fold.score.correct[rows].mean(axis=0)
        numpy.testing.assert_allclose(result.accuracy[place][EXISTS], single[EXISTS])
        assert numpy.isnan(result.accuracy[place][~EXISTS]).all()
        assert score.random_head == pytest.approx(single[EXISTS].mean())
        assert score.random_head_std == pytest.approx(single[EXISTS].std())
    over_heads = result.accuracy[:, EXISTS].mean(axis=0)
    assert result.overall["unweighted"].random_head == pytest.approx(over_heads.mean())
    assert result.overall["unweighted"].random_head_std == pytest.approx(over_heads.std())
    everything = fold.score.correct[:, EXISTS].mean(axis=0)
    for way in ("weighted", "one_head"):
        assert result.overall[way].random_head == pytest.approx(everything.mean())
        assert result.overall[way].random_head_std == pytest.approx(everything.std())


def test_the_most_frequent_label_outside_the_score_data_is_the_majority() -> None:
    fold = held_out(4)
    fold = Fold(fold.choice, fold.score, numpy.array([0, 0, 1000, 0]))
    result = probe([fold])
    assert {name: score.majority for name, score in by_name(result).items()} == {
        "b": 0.0,
        "a": 0.0,
        "d": 1.0,
        "c": 0.0,
    }
    assert result.overall["weighted"].majority == (fold.score.label == 2).mean()
    assert result.overall["unweighted"].majority == 0.25
    assert by_name(result)["d"].fit_count == 1000
    assert by_name(result)["d"].choice_count == fold.choice.count[2]


def test_baselines_have_the_same_procedure() -> None:
    """Each is what the probe would be if its hits were those of heads."""
    fold = held_out(5)
    generator = numpy.random.default_rng(0)
    flat = {"heads": (1, 5)}

    def others(shape: tuple[int, ...]) -> Fold:
        choice = random_hits(11, heads=shape)
        correct = generator.random((len(fold.score), *shape)) < 0.4
        return Fold(
            choice.tally(len(LABELS)), ItemHits(correct, fold.score.label, fold.score.sentence)
        )

    offsets, first, second = others(flat["heads"]), others((2, 3)), others((2, 3))
    relabelled = ItemHits(
        fold.score.correct, generator.integers(0, 3, len(fold.score)), fold.score.sentence
    )
    control = Fold(random_hits(12).tally(len(LABELS)), relabelled)
    values = [-1, 1, -2, 2, "root"]

    def squeezed(fold: Fold) -> Fold:
        choice, score = fold.choice, fold.score
        return Fold(
            LabelHits(choice.correct[:, 0], choice.count),
            ItemHits(score.correct[:, 0], score.label, score.sentence),
        )

    result = probe(
        [fold], Baselines(Offsets(values, [squeezed(offsets)]), [[first], [second]], [control])
    )
    of_offsets = probe([offsets], exists=numpy.ones((1, 5), bool))
    of_random = [probe([first]), probe([second])]
    of_control = probe([control])
    for name, score in by_name(result).items():
        expected = by_name(of_offsets)[name]
        assert score.offset == values[expected.head]
        assert score.offset_accuracy == expected.accuracy
        place = [other.label for other in of_offsets.labels].index(name)
        one = of_offsets.items.one_head[of_offsets.items.label == place]
        assert score.majority == pytest.approx(one.mean())
        random = numpy.mean([by_name(found)[name].accuracy for found in of_random])
        assert score.random_weights == pytest.approx(random)
        if name == "c":  # no form drew it
            assert score.control is None and score.selectivity is None
        else:
            assert score.control == by_name(of_control)[name].accuracy
            assert score.selectivity == score.accuracy - score.control
    for way in OVERALL:
        score = result.overall[way]
        assert score.offset_accuracy == pytest.approx(of_offsets.overall[way].accuracy)
        assert score.control == pytest.approx(of_control.overall[way].accuracy)
        random = numpy.mean([found.overall[way].accuracy for found in of_random])
        assert score.random_weights == pytest.approx(random)
    assert result.overall["weighted"].majority == result.overall["one_head"].offset_accuracy


def test_a_probe_without_baselines_has_none() -> None:
    score = probe([held_out(1)]).labels[0]
    assert score.offset is score.offset_accuracy is score.random_weights is None
    assert score.control is score.selectivity is None


def test_a_label_that_was_not_there_to_choose_by_says_so() -> None:
    fold = held_out(6)
    fold.choice.count[1] = 0
    fold.choice.correct[1] = 0
    result = probe([fold])
    one = result.overall["one_head"]
    score = by_name(result)["a"]
    assert (score.layer, score.head) == (one.layer, one.head)
    assert score.chosen_on == "all labels" and score.choice_count == 0
    assert {by_name(result)[name].chosen_on for name in "bcd"} == {"label"}
    assert result.notes[UNSEEN] == 1


def test_a_label_that_was_not_there_to_score_is_left_out() -> None:
    fold = held_out(7)
    scored = part(fold.score, fold.score.label != 0)
    result = probe([Fold(fold.choice, scored)], notes={"arcs of ROOT": 3})
    assert "b" not in by_name(result)
    assert result.notes == {"arcs of ROOT": 3, UNSCORED: 1}
    assert result.items.label.max() == len(result.labels) - 1 == 2


def test_nothing_to_score_is_refused() -> None:
    fold = held_out(8)
    with pytest.raises(ValueError, match="no items to score"):
        probe([Fold(fold.choice, part(fold.score, numpy.zeros(0, int)))])


def test_baselines_of_other_items_are_refused() -> None:
    fold, other = held_out(8), held_out(9)
    for baselines in (
        Baselines(random_weights=[[other]]),
        Baselines(control=[other]),
        Baselines(offsets=Offsets([1], [])),
    ):
        with pytest.raises(ValueError, match="other items"):
            probe([fold], baselines)


def test_the_score_data_have_no_say_in_the_choice() -> None:
    fold = held_out(10)
    turned = ItemHits(~fold.score.correct, fold.score.label, fold.score.sentence)
    heads = [
        [(score.label, score.layer, score.head) for score in probe([given]).labels]
        for given in (fold, Fold(fold.choice, turned))
    ]
    assert heads[0] == heads[1]


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.permutations(range(6)))
def test_permuting_heads_permutes_results(seed: int, order: list[int]) -> None:
    generator = numpy.random.default_rng(seed)
    # no two heads are equally good, for a label or for all
    correct = numpy.stack([generator.permutation(6) * 7**label for label in range(4)])
    choice = LabelHits(correct.reshape(4, 2, 3), numpy.full(4, 5000))
    score = random_hits(seed)

    def moved(array: numpy.ndarray) -> numpy.ndarray:
        return array.reshape(*array.shape[:-2], 6)[..., order].reshape(array.shape)

    there = Fold(
        LabelHits(moved(choice.correct), choice.count),
        ItemHits(moved(score.correct), score.label, score.sentence),
    )
    first, second = probe([Fold(choice, score)]), probe([there], exists=moved(EXISTS))
    numpy.testing.assert_array_equal(moved(first.accuracy), second.accuracy)
    for one, other in zip(first.labels, second.labels):
        assert order[3 * other.layer + other.head] == 3 * one.layer + one.head
        same = asdict(other) | {"layer": one.layer, "head": one.head}
        assert same == pytest.approx(asdict(one))


def test_items_in_another_order_change_nothing() -> None:
    fold = held_out(13)
    shuffled = numpy.random.default_rng(0).permutation(len(fold.score))
    first, second = probe([fold]), probe([Fold(fold.choice, part(fold.score, shuffled), fold.fit)])
    assert first.labels == second.labels and first.overall == second.overall


def estimates(way: str) -> tuple[numpy.ndarray, float]:
    """
    Of 72 heads that are all right half of the time: how far the accuracies of the chosen ones are
    from that, and in which share of 300 simulations the interval has it.
    """
    exists = numpy.ones((6, 12), bool)
    errors, covered = [], []
    for seed in range(300):
        hits = random_hits(seed, sentences=60, labels=1, heads=(6, 12))
        if way == "cross-fitted":
            folds = cross_fitted(hits, 5, 1)
        else:
            own = random_hits(seed + 999, labels=1, heads=(6, 12))
            folds = [Fold((own if way == "held out" else hits).tally(1), hits)]
        score = build("tagger", ["a"], exists, folds, draws=200).labels[0]
        errors.append(score.accuracy - 0.5)
        covered.append(score.low <= 0.5 <= score.high)
    return numpy.array(errors), float(numpy.mean(covered))


@pytest.mark.parametrize("way, least", [("held out", 0.91), ("cross-fitted", 0.88)])
def test_held_out_scores_are_unbiased(way: str, least: float) -> None:
    errors, covered = estimates(way)
    assert abs(errors.mean()) < 3 * errors.std() / len(errors) ** 0.5 < 0.01
    assert least < covered < 0.98


def test_the_maximum_over_heads_on_the_data_it_is_chosen_on_is_not() -> None:
    errors, covered = estimates("transductive")
    assert errors.mean() > 0.07
    assert (errors > 0).all()
    assert covered < 0.3


def test_intervals_of_several_labels_cover_the_truth() -> None:
    """Each label has a head that is much better, so that the choice is certain."""
    accuracy = numpy.full((4, 2, 3), 0.2)
    truth = {"b": 0.9, "a": 0.8, "d": 0.7, "c": 0.6}
    for label, value in enumerate(truth.values()):
        accuracy[label, label // 3, label % 3] = value
    covered: dict[str, list[bool]] = {name: [] for name in [*truth, "unweighted"]}
    for seed in range(150):
        fold = held_out(seed, accuracy=accuracy, sentences=60)
        result = probe([fold], exists=numpy.ones((2, 3), bool), draws=200, seed=seed)
        for score in result.labels:
            covered[score.label].append(score.low <= truth[score.label] <= score.high)
        mean = result.overall["unweighted"]
        covered["unweighted"].append(mean.low <= 0.75 <= mean.high)
    for name, found in covered.items():
        assert 0.87 <= numpy.mean(found) <= 0.995, name


def test_the_seed_of_the_bootstrap_moves_the_intervals_only() -> None:
    fold = held_out(14)
    first, again, other = probe([fold]), probe([fold]), probe([fold], seed=1)
    assert first.labels == again.labels and first.overall == again.overall
    for one, two in zip(first.labels, other.labels):
        assert asdict(one) | {"low": 0, "high": 0} == asdict(two) | {"low": 0, "high": 0}
    assert [score.low for score in first.labels] != [score.low for score in other.labels]


def test_chosen_heads_with_their_labels() -> None:
    result = probe([held_out(15)])
    chosen = result.chosen()
    assert list(chosen) == sorted(chosen)
    assert sorted(label for labels in chosen.values() for label in labels) == sorted(LABELS)
    for head, labels in chosen.items():
        for label in labels:
            score = by_name(result)[label]
            assert (score.layer, score.head) == head
