import numpy
import pytest

from allennlp_heads.analysis import compare, compare_same_seeds, least_p_value, signed_rank
from allennlp_heads.analysis.measures import ESTIMATED, F1, MEASURES, OF_GOLD
from tests.reports.comparing.made_runs import some_counts


def test_the_seeds_of_both_are_compared_as_directly() -> None:
    first = {seed: some_counts(seed) for seed in (3, 1, 2)}
    second = {seed: some_counts(10 + seed, right=0.7) for seed in (2, 3, 5)}
    found = compare_same_seeds(first, second, F1, rounds=300, seed=7)
    assert found is not None and found.seeds == [2, 3]
    one, other = (numpy.stack([runs[2], runs[3]]) for runs in (first, second))
    assert found.examples == compare(one, other, F1, rounds=300, seed=7)
    assert found.over_seeds is not None
    assert found.over_seeds.p_value == signed_rank(numpy.array(found.examples.by_run))
    assert found.over_seeds.difference == pytest.approx(found.examples.difference)


def test_one_seed_says_nothing_of_others_and_none_nothing() -> None:
    first, second = {1: some_counts(1)}, {1: some_counts(2), 2: some_counts(3)}
    found = compare_same_seeds(first, second, F1, rounds=10)
    assert found is not None and found.over_seeds is None
    assert compare_same_seeds(first, {2: some_counts(2)}, F1) is None


def test_other_examples_are_noticed_by_their_gold() -> None:
    counts = some_counts(1)
    other = counts.copy()
    other[4, 2] += 1
    with pytest.raises(ValueError, match="the gold differs in 1 of 30 examples"):
        compare_same_seeds({1: counts}, {1: other}, F1)
    with pytest.raises(ValueError, match=r"\[30, 3\] and the other \[29, 3\]"):
        compare_same_seeds({1: counts}, {1: counts[:-1]}, F1)
    values = numpy.random.default_rng(0).normal(size=(9, len(ESTIMATED)))
    moved = values.copy()
    moved[:, 0] += 1
    assert compare_same_seeds({1: values}, {1: moved}, MEASURES["pearson"], rounds=9) is not None
    moved[0, 1] += 1
    with pytest.raises(ValueError, match="gold"):
        compare_same_seeds({1: values}, {1: moved}, MEASURES["spearman"], rounds=9)


def test_every_measure_has_a_column_of_gold() -> None:
    assert all(measure.gold_columns for measure in MEASURES.values())
    assert {name for m in MEASURES.values() for name in m.columns} >= OF_GOLD


@pytest.mark.parametrize("pairs", range(1, 8))
def test_no_pairs_give_less_than_all_of_one_sign(pairs: int) -> None:
    assert least_p_value(pairs) == pytest.approx(signed_rank(numpy.arange(1, pairs + 1)))
