from collections import Counter

from allennlp.common import Params
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.data.data_loaders import AllBatches, EpochSampler
from allennlp_heads.data.data_loaders.order import batch_order

COUNTS = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 9), min_size=1)
SAMPLER = AllBatches()


def _all(counts: dict[str, int]) -> Counter[tuple[str, int]]:
    return Counter((task, index) for task in counts for index in range(counts[task]))


@given(COUNTS, st.integers(0, 4), st.integers())
def test_every_batch_once_an_epoch(counts: dict[str, int], epoch: int, seed: int) -> None:
    order = batch_order(SAMPLER, counts, sum(counts.values()), epoch, seed)
    assert Counter(order) == _all(counts)
    assert order == batch_order(SAMPLER, dict(reversed(counts.items())), len(order), epoch, seed)


@given(COUNTS, st.integers(1, 25), st.integers(0, 9))
def test_short_and_long_epochs_go_through_all_batches_in_turn(
    counts: dict[str, int], length: int, seed: int
) -> None:
    total = sum(counts.values())
    stream = [
        step for epoch in range(6) for step in batch_order(SAMPLER, counts, length, epoch, seed)
    ]
    assert len(stream) == 6 * length
    for start in range(0, len(stream) - total + 1, total):
        assert Counter(stream[start : start + total]) == _all(counts)


def test_epochs_and_seeds_differ_and_tasks_mix() -> None:
    counts = {"pos": 30, "dep": 30}
    orders = [batch_order(SAMPLER, counts, 60, epoch, seed) for epoch in (0, 1) for seed in (0, 1)]
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

    orders = [batch_order(Mostly(), {"rare": 5, "often": 3}, 4, epoch, 7) for epoch in range(5)]
    assert sorted(order[0] for order in orders) == [("rare", index) for index in range(5)]
    often = Counter(step for order in orders for step in order[1:])
    assert set(often.values()) == {5}


def test_registered() -> None:
    assert isinstance(EpochSampler.from_params(Params({})), AllBatches)
    assert isinstance(EpochSampler.from_params(Params({"type": "all_batches"})), AllBatches)
