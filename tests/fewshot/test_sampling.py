"""Which examples are drawn: how many of which class, the same for one seed, nested."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.fewshot import sample

LABELS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=60)


@given(LABELS, st.data())
def test_so_many_in_total_and_near_their_shares(labels: list[str], data) -> None:
    number = data.draw(st.integers(1, len(labels)))
    drawn = sample(labels, number, per_class=False, seed=data.draw(st.integers(0, 99)))
    assert len(drawn) == len(set(drawn)) == number
    there, found = Counter(labels), Counter(labels[index] for index in drawn)
    assert len(found) == min(number, len(there))
    for one in there:
        for other in there:
            # nobody has two more than a class as frequent, nor anyone less than a rarer class
            if there[one] >= there[other]:
                assert found[one] >= found[other] - (there[one] == there[other])


def test_shares_are_those_of_the_data() -> None:
    labels = ["yes"] * 600 + ["no"] * 300 + ["maybe"] * 100
    drawn = sample(labels, 100, per_class=False, seed=3)
    assert Counter(labels[index] for index in drawn) == {"yes": 60, "no": 30, "maybe": 10}
    assert Counter(labels[index] for index in drawn[:4]) == {"yes": 2, "no": 1, "maybe": 1}


@given(st.integers(1, 4), st.integers(0, 99))
def test_so_many_of_each_class(number: int, seed: int) -> None:
    labels = ["a"] * 20 + ["b"] * 4 + ["c"] * 9
    drawn = sample(labels, number, per_class=True, seed=seed)
    assert Counter(labels[index] for index in drawn) == dict.fromkeys("abc", number)
    assert len(set(drawn)) == 3 * number


@pytest.mark.parametrize("per_class", [False, True])
def test_draws_of_a_seed_are_nested_and_seeds_differ(per_class: bool) -> None:
    labels = ["a", "b", "b"] * 30
    draws = [sample(labels, number, per_class, seed=5) for number in (2, 7, 20)]
    for fewer, more in zip(draws, draws[1:]):
        assert more[: len(fewer)] == fewer
    assert draws[1] == sample(labels, 7, per_class, seed=5)
    assert len({tuple(sample(labels, 7, per_class, seed)) for seed in range(20)}) == 20


def test_every_example_is_drawn_by_some_seed() -> None:
    labels = ["a", "b", "b", "b"] * 3
    drawn = {index for seed in range(60) for index in sample(labels, 4, False, seed)}
    assert drawn == set(range(12))


def test_without_labels_any_are_drawn() -> None:
    labels = [None] * 30
    drawn = sample(labels, 30, per_class=False, seed=0)
    assert sorted(drawn) == list(range(30)) and drawn != list(range(30))


@pytest.mark.parametrize(
    ("number", "per_class", "message"),
    [(4, False, "only 3"), (2, True, "'b' has only 1")],
)
def test_too_few_examples(number: int, per_class: bool, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sample(["a", "a", "b"], number, per_class, seed=0)
