import hashlib
from collections import Counter
from collections.abc import Mapping

import pytest
from allennlp.common import Params
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.data.data_loaders import AllBatches, Annealed, EpochSampler, ProportionalPower
from allennlp_heads.data.data_loaders.order import BatchOrder
from allennlp_heads.data.data_loaders.similar import WINDOW

COUNTS = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 9), min_size=1)
SAMPLER = AllBatches()


def _all(counts: dict[str, int]) -> Counter[tuple[str, int]]:
    return Counter((task, index) for task in counts for index in range(counts[task]))


@given(COUNTS, st.integers(0, 4), st.integers())
def test_every_batch_once_an_epoch(counts: dict[str, int], epoch: int, seed: int) -> None:
    order = BatchOrder(SAMPLER, counts, sum(counts.values()), seed).of_epoch(epoch)
    assert Counter(order) == _all(counts)
    turned = BatchOrder(SAMPLER, dict(reversed(counts.items())), len(order), seed)
    assert order == turned.of_epoch(epoch)


@given(COUNTS, st.integers(1, 25), st.integers(0, 9))
def test_short_and_long_epochs_go_through_all_batches_in_turn(
    counts: dict[str, int], length: int, seed: int
) -> None:
    total = sum(counts.values())
    order = BatchOrder(SAMPLER, counts, length, seed)
    stream = [step for epoch in range(6) for step in order.of_epoch(epoch)]
    assert len(stream) == 6 * length
    for start in range(0, len(stream) - total + 1, total):
        assert Counter(stream[start : start + total]) == _all(counts)


def test_epochs_and_seeds_differ_and_tasks_mix() -> None:
    counts = {"pos": 30, "dep": 30}
    made = [BatchOrder(SAMPLER, counts, 60, seed) for seed in (0, 1)]
    orders = [order.of_epoch(epoch) for order in made for epoch in (0, 1)]
    assert len({tuple(order) for order in orders}) == 4
    for order in orders:
        tasks = [task for task, _ in order]
        changes = sum(one != two for one, two in zip(tasks, tasks[1:], strict=False))
        assert changes > 15
        # shuffled for real: not only the tasks, also the batches of each
        assert [index for task, index in order if task == "pos"] != list(range(30))


def test_a_sampler_that_takes_a_task_in_part_still_reaches_all_its_batches() -> None:
    class Mostly(EpochSampler):
        def tasks(self, counts: object, length: int, epoch: int, seed: int) -> list[str]:
            return ["rare"] + ["often"] * (length - 1)

    made = BatchOrder(Mostly(), {"rare": 5, "often": 3}, 4, 7)
    orders = [made.of_epoch(epoch) for epoch in range(5)]
    assert sorted(order[0] for order in orders) == [("rare", index) for index in range(5)]
    often = Counter(step for order in orders for step in order[1:])
    assert set(often.values()) == {5}


class Counting(AllBatches):
    """Counts how often it is asked."""

    asked = 0

    def tasks(self, counts: Mapping[str, int], length: int, epoch: int, seed: int) -> list[str]:
        self.asked += 1
        return super().tasks(counts, length, epoch, seed)


@given(COUNTS, st.integers(1, 25), st.lists(st.integers(0, 7), min_size=1, max_size=5))
def test_what_was_asked_before_changes_nothing(
    counts: dict[str, int], length: int, epochs: list[int]
) -> None:
    asked_often = BatchOrder(SAMPLER, counts, length, 3)
    for epoch in epochs:
        assert asked_often.of_epoch(epoch) == BatchOrder(SAMPLER, counts, length, 3).of_epoch(epoch)


def test_earlier_epochs_are_drawn_once() -> None:
    sampler = Counting()
    resumed = BatchOrder(sampler, {"pos": 4, "dep": 4}, 8, 3)
    for epoch in range(50, 100):
        resumed.of_epoch(epoch)
    assert sampler.asked == 100


def test_registered() -> None:
    assert isinstance(EpochSampler.from_params(Params({})), AllBatches)
    assert isinstance(EpochSampler.from_params(Params({"type": "all_batches"})), AllBatches)


@pytest.mark.parametrize(
    "sampler, length, digest",
    [
        (AllBatches(), 36, "f60f7f7b1d74b9bc"),
        (AllBatches(), 10, "64c9794ccfb2917c"),
        (ProportionalPower(0.8), 36, "1ba2ff7c41dbe519"),
        (ProportionalPower(0.8), 10, "9346bbfd9229e6c7"),
        (Annealed(5), 36, "f7092442f8fc0ef3"),
        (Annealed(5), 10, "f674c61d16f0ce2f"),
    ],
)
def test_the_order_is_that_of_every_release(
    sampler: EpochSampler, length: int, digest: str
) -> None:
    """Published results, and runs to be resumed with a later release, rest on it."""
    order = BatchOrder(sampler, {"dep": 23, "ner": 4, "pos": 9}, length, 13)
    epochs = repr([order.of_epoch(epoch) for epoch in range(6)])
    assert hashlib.sha256(epochs.encode()).hexdigest()[:16] == digest


@given(COUNTS, st.integers(1, 900), st.integers(2, 5), st.integers(0, 3), st.integers())
def test_similar_neighbours_are_the_same_batches_in_other_places(
    counts: dict[str, int], length: int, similar: int, epoch: int, seed: int
) -> None:
    plain = BatchOrder(SAMPLER, counts, length, seed).of_epoch(epoch)
    order = BatchOrder(SAMPLER, counts, length, seed, similar).of_epoch(epoch)
    assert order == BatchOrder(SAMPLER, counts, length, seed, similar).of_epoch(epoch)
    assert [task for task, _ in order] == [task for task, _ in plain]
    window = WINDOW * similar
    for start in range(0, length, window):
        assert Counter(order[start : start + window]) == Counter(plain[start : start + window])


@pytest.mark.parametrize("counts", [{"pos": 96}, {"pos": 48, "dep": 48}], ids=str)
@pytest.mark.parametrize("similar", [2, 4])
def test_neighbours_are_similar_and_their_lengths_come_at_random(
    counts: dict[str, int], similar: int
) -> None:
    def spread(order: list[tuple[str, int]]) -> float:
        ranks = [index / counts[task] for task, index in order]
        groups = [ranks[start : start + similar] for start in range(0, 96, similar)]
        return sum(max(group) - min(group) for group in groups) / len(groups)

    plain, order = (BatchOrder(SAMPLER, counts, 96, 5, n).of_epoch(0) for n in (1, similar))
    assert spread(order) < spread(plain) / 3
    first = [index for _, index in order[::similar]]
    assert first != sorted(first) and first != sorted(first, reverse=True)
