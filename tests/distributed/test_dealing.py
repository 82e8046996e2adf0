"""How batches are dealt out to workers: every batch once, and updates as of one process."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.data.data_loaders import AllBatches, Annealed, EpochSampler, ProportionalPower
from allennlp_heads.data.data_loaders.order import BatchOrder
from allennlp_heads.distributed import dealt, loss_factor, steps_of

counts = st.integers(0, 40)
worlds = st.integers(1, 6)
accumulations = st.integers(1, 5)
samplers = st.sampled_from([AllBatches(), ProportionalPower(0.5), Annealed(3)])


@given(counts, worlds)
def test_every_item_is_dealt_once_and_steps_go_in_their_order(count: int, world: int) -> None:
    items = list(range(count))
    shares = [dealt(items, rank, world) for rank in range(world)]
    assert {len(share) for share in shares} == {steps_of(count, world)}
    in_turn = [item for step in zip(*shares) for item in step]
    # in the last step those without an item come last
    assert in_turn == items + [None] * (len(in_turn) - count)
    assert len(in_turn) - count < world


@given(counts.filter(bool), worlds, accumulations)
def test_updates_are_the_means_of_the_batches_that_one_process_accumulates(
    count: int, world: int, accumulated: int
) -> None:
    losses = [1.0 + batch**2 for batch in range(count)]
    at_once = world * accumulated
    alone = [losses[first : first + at_once] for first in range(0, count, at_once)]
    means = [sum(group) / len(group) for group in alone]

    shares = [dealt(losses, rank, world) for rank in range(world)]
    updates = []
    for first in range(0, steps_of(count, world), accumulated):
        steps = range(first, min(first + accumulated, steps_of(count, world)))
        # what the trainer does in each worker, and then torch with all of them
        gradients = [
            sum(
                loss_factor(step, count, world, accumulated) * (share[step] or 0.0)
                for step in steps
            )
            / len(steps)
            for share in shares
        ]
        updates.append(sum(gradients) / world)
    assert updates == pytest.approx(means)


@given(counts, worlds, accumulations)
def test_only_the_last_update_of_an_epoch_is_rescaled(
    count: int, world: int, accumulated: int
) -> None:
    steps = steps_of(count, world)
    factors = [loss_factor(step, count, world, accumulated) for step in range(steps)]
    whole = count // (world * accumulated) * accumulated
    assert factors[:whole] == [1.0] * whole
    assert all(1.0 <= factor < world + 1 and math.isfinite(factor) for factor in factors)


@given(
    st.dictionaries(st.sampled_from("abc"), st.integers(1, 7), min_size=1),
    worlds,
    st.integers(1, 12),
    samplers,
    st.integers(0, 3),
)
def test_workers_together_take_the_order_of_one_process_in_every_epoch(
    batches: dict[str, int], world: int, length: int, sampler: EpochSampler, seed: int
) -> None:
    orders = [BatchOrder(sampler, batches, length, seed) for _ in range(world + 1)]
    for epoch in range(3):
        alone = orders[-1].of_epoch(epoch)
        shares = [dealt(orders[rank].of_epoch(epoch), rank, world) for rank in range(world)]
        together = [batch for step in zip(*shares) for batch in step if batch is not None]
        assert together == alone
