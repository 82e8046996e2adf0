"""Heads claimed by k tasks, against the enumeration of every choice the tasks could have made."""

from __future__ import annotations

import itertools

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allennlp_heads.analysis.claims import (
    at_least,
    chance_of_common,
    count_claims,
    expected_claims,
    majority,
)

EXISTS = numpy.array([[1, 1, 1], [1, 0, 1], [0, 0, 0]], dtype=bool)
seeds = st.integers(0, 10**6)


def random_claims(seed: int, tasks: int) -> numpy.ndarray:
    return (numpy.random.default_rng(seed).random((tasks, *EXISTS.shape)) < 0.6) & EXISTS


def every_choice(claims: numpy.ndarray) -> list[numpy.ndarray]:
    """For each way in which the tasks could choose as many heads a layer: claims per head."""
    per_task = []
    for task in claims:
        layers = [
            [*itertools.combinations(numpy.flatnonzero(exists).tolist(), int(row.sum()))]
            for row, exists in zip(task, EXISTS)
        ]
        masks = []
        for chosen in itertools.product(*layers):
            mask = numpy.zeros(EXISTS.shape, dtype=int)
            for layer, heads in enumerate(chosen):
                mask[layer, list(heads)] = 1
            masks.append(mask)
        per_task.append(masks)
    return [numpy.sum(masks, axis=0) for masks in itertools.product(*per_task)]


@given(seeds, st.integers(1, 4))
@settings(max_examples=40)
def test_expectation_and_exact_p_are_those_of_all_choices(seed: int, tasks: int) -> None:
    claims = random_claims(seed, tasks)
    found = count_claims(claims, EXISTS, draws=10)
    times = claims.sum(axis=0)[EXISTS]
    assert found.observed.tolist() == [int((times == k).sum()) for k in range(tasks + 1)]
    choices = [choice[EXISTS] for choice in every_choice(claims)]
    for k in range(tasks + 1):
        mean = numpy.mean([(choice == k).sum() for choice in choices])
        assert found.expected[k] == pytest.approx(mean, abs=1e-9)
    common = [(choice == tasks).sum() for choice in choices]
    exact = numpy.mean([count >= found.observed[-1] for count in common])
    assert found.exact_p_all == pytest.approx(exact, abs=1e-9)
    assert found.observed.sum() == EXISTS.sum() == pytest.approx(found.expected.sum())


def test_draws_agree_with_all_choices() -> None:
    claims = random_claims(3, 3)
    found = count_claims(claims, EXISTS, draws=20_000)
    choices = [choice[EXISTS] for choice in every_choice(claims)]
    for k in range(4):
        wanted = (claims.sum(axis=0)[EXISTS] >= k).sum()
        exact = numpy.mean([(choice >= k).sum() >= wanted for choice in choices])
        assert found.p_at_least[k] == pytest.approx(exact, abs=0.015)
    assert found.p_at_least[-1] == pytest.approx(found.exact_p_all, abs=0.015)
    assert (found.lower <= found.expected).all() and (found.expected <= found.upper).all()


@given(seeds, st.integers(2, 5))
@settings(max_examples=20)
def test_the_order_of_the_tasks_does_not_matter(seed: int, tasks: int) -> None:
    claims = random_claims(seed, tasks)
    one, other = (count_claims(c, EXISTS, draws=5) for c in (claims, claims[::-1]))
    assert (one.observed == other.observed).all()
    assert one.expected == pytest.approx(other.expected)
    assert one.exact_p_all == pytest.approx(other.exact_p_all)
    assert 0 <= one.exact_p_all <= 1 and ((one.p_at_least > 0) & (one.p_at_least <= 1)).all()


def test_smallest_p_value_counts_the_observation_itself() -> None:
    claims = numpy.tile(numpy.arange(12) < 4, (5, 4, 1))
    found = count_claims(claims, numpy.ones((4, 12), dtype=bool), draws=99)
    assert found.p_at_least[-1] == 1 / 100 and found.exact_p_all < 1e-9


def test_distribution_of_common_heads() -> None:
    found = chance_of_common(numpy.array([[1], [1]]), numpy.array([4]))
    assert found == pytest.approx([0.75, 0.25, 0, 0, 0])
    whole = chance_of_common(numpy.array([[2, 0, 3], [1, 0, 3]]), numpy.array([4, 0, 3]))
    assert len(whole) == 8 and whole.sum() == pytest.approx(1)
    assert whole[:3].sum() == 0 and whole[3:5] == pytest.approx([0.5, 0.5])


def test_five_tasks_with_half_of_the_heads_share_some_by_chance() -> None:
    found = expected_claims(numpy.full((5, 12), 6), numpy.full(12, 12))
    assert found[5] == pytest.approx(144 / 32) and found.sum() == pytest.approx(144)


def test_majority_is_more_than_half() -> None:
    runs = numpy.array([[[1, 1, 0, 0]], [[1, 0, 1, 0]], [[1, 1, 0, 0]], [[0, 0, 1, 0]]], dtype=bool)
    assert majority(runs[:1]).tolist() == runs[0].tolist()
    assert majority(runs[:3]).tolist() == [[True, True, False, False]]
    assert majority(runs).tolist() == [[True, False, False, False]]  # two of four are a tie


def test_at_least() -> None:
    assert at_least(numpy.array([[5, 3, 1]])).tolist() == [[9, 4, 1]]
