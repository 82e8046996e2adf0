"""What `proportional_power` and `annealed` draw, and that they leave no batch out for good."""

from collections import Counter
from typing import Any

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from allennlp_heads.data.data_loaders import Annealed, EpochSampler, ProportionalPower
from allennlp_heads.data.data_loaders.order import BatchOrder
from allennlp_heads.data.data_loaders.proportional_power import task_probabilities
from tests.data.data_loaders.longest_first import never_visited

COUNTS = st.dictionaries(st.sampled_from("abcde"), st.integers(1, 40), min_size=1)
EXPONENTS = st.floats(0, 3)
FIVE = {"pos": 1000, "ner": 1000, "dep": 4000, "con": 1000, "srl": 1000}


@given(COUNTS, EXPONENTS)
def test_probabilities(counts: dict[str, int], exponent: float) -> None:
    found = task_probabilities(counts, exponent)
    total = sum(count**exponent for count in counts.values())
    assert found == pytest.approx({t: n**exponent / total for t, n in counts.items()})


def test_special_exponents() -> None:
    counts = {"a": 10, "b": 30}
    assert task_probabilities(counts, 0) == {"a": 0.5, "b": 0.5}
    assert task_probabilities(counts, 1) == {"a": 0.25, "b": 0.75}
    assert task_probabilities(counts, 1e6) == {"a": 0.0, "b": 1.0}


@pytest.mark.parametrize("exponent", [0.0, 0.8, 1.0])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_draws_follow_the_probabilities(exponent: float, seed: int) -> None:
    counts = {"a": 5, "b": 20, "c": 50}
    drawn = Counter(ProportionalPower(exponent).tasks(counts, 20_000, 3, seed))
    expected = task_probabilities(counts, exponent)
    test = chisquare([drawn[t] for t in counts], [20_000 * expected[t] for t in counts])
    assert test.pvalue > 0.01


@given(COUNTS, st.integers(1, 60), st.integers(0, 9), st.integers(), EXPONENTS)
def test_draws_depend_on_the_arguments_only(
    counts: dict[str, int], length: int, epoch: int, seed: int, exponent: float
) -> None:
    drawn = ProportionalPower(exponent).tasks(counts, length, epoch, seed)
    assert len(drawn) == length and set(drawn) <= set(counts)
    turned = dict(reversed(counts.items()))
    assert ProportionalPower(exponent).tasks(turned, length, epoch, seed) == drawn


def test_epochs_and_seeds_differ() -> None:
    sampler = ProportionalPower()
    draws = [tuple(sampler.tasks(FIVE, 100, epoch, seed)) for epoch in (0, 1) for seed in (0, 1)]
    assert len(set(draws)) == 4


@given(COUNTS, st.integers(1, 30), st.integers(0, 99), EXPONENTS)
def test_no_batch_of_a_task_comes_again_before_all_its_others(
    counts: dict[str, int], length: int, seed: int, exponent: float
) -> None:
    order = BatchOrder(ProportionalPower(exponent), counts, length, seed)
    visits: Counter[tuple[str, int]] = Counter()
    for epoch in range(4):
        visits.update(order.of_epoch(epoch))
        for task, count in counts.items():
            times = [visits[task, index] for index in range(count)]
            assert max(times) - min(times) <= 1


def test_every_batch_can_come_in_every_epoch() -> None:
    """Over many seeds the small part that an epoch takes of a task is spread evenly over it."""
    counts = {"small": 2, "large": 12}
    for epoch in (0, 3):
        visits = Counter(
            step
            for seed in range(600)
            for step in BatchOrder(ProportionalPower(0), counts, 6, seed).of_epoch(epoch)
            if step[0] == "large"
        )
        assert chisquare([visits["large", index] for index in range(12)]).pvalue > 0.01


def test_nothing_is_left_out_where_restarting_at_the_longest_leaves_a_tail() -> None:
    """
    The mixing of The Stem Cell Hypothesis, which restarts every task at its longest batch in every
    epoch, beside ours, with the same probabilities.
    """
    length = sum(FIVE.values())
    lost = never_visited(FIVE, exponent=0.8, epochs=30, seed=0)
    assert lost["dep"] / FIVE["dep"] == pytest.approx(0.115, abs=0.01)
    assert lost == {"pos": 0, "ner": 0, "dep": lost["dep"], "con": 0, "srl": 0}
    two = never_visited({"large": 1000, "small": 200}, exponent=0.8, epochs=30, seed=0)
    assert two["large"] / 1000 == pytest.approx(0.026, abs=0.01)

    order = BatchOrder(ProportionalPower(0.8), FIVE, length, seed=0)
    visited = set(order.of_epoch(0)) | set(order.of_epoch(1))
    assert len(visited) == length


@pytest.mark.parametrize("first, last, wanted", [(1.0, 0.2, [1.0, 0.8, 0.6, 0.4, 0.2, 0.2, 0.2])])
def test_annealed_exponents(first: float, last: float, wanted: list[float]) -> None:
    sampler = Annealed(5, first, last)
    assert [sampler.exponent_of(epoch) for epoch in range(7)] == pytest.approx(wanted)
    paper = [1 - 0.8 * (e - 1) / (5 - 1) for e in range(1, 6)]
    assert [Annealed(5).exponent_of(epoch) for epoch in range(5)] == pytest.approx(paper)


def test_annealed_draws_as_the_power_of_its_epoch() -> None:
    sampler = Annealed(3, first=1.0, last=0.0)
    for epoch, exponent in enumerate([1.0, 0.5, 0.0, 0.0]):
        power = ProportionalPower(exponent)
        assert sampler.tasks(FIVE, 50, epoch, 4) == power.tasks(FIVE, 50, epoch, 4)


@pytest.mark.parametrize(
    "params, message",
    [
        ({"type": "proportional_power", "exponent": -0.1}, r"sampler\.exponent is -0\.1"),
        ({"type": "proportional_power", "exponent": float("nan")}, r"sampler\.exponent is nan"),
        ({"type": "proportional_power", "exponent": None}, r"sampler\.exponent is None"),
        ({"type": "annealed", "epochs": 1}, r"sampler\.epochs is 1"),
        ({"type": "annealed", "epochs": 3, "last": -1.0}, r"sampler\.last is -1\.0"),
    ],
)
def test_bad_options(params: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        EpochSampler.from_params(Params(params))


def test_registered() -> None:
    power: Any = EpochSampler.from_params(Params({"type": "proportional_power"}))
    assert isinstance(power, ProportionalPower) and power.exponent == 0.8
    annealed: Any = EpochSampler.from_params(Params({"type": "annealed", "epochs": 9}))
    assert isinstance(annealed, Annealed)
    assert (annealed.first, annealed.last, annealed.epochs) == (1.0, 0.2, 9)
