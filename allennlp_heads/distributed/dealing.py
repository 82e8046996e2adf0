"""Which worker of a distributed training takes which batch, so that none is lost or doubled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Step(NamedTuple):
    """
    What a batch is in a step that all workers take, each with a batch of its own. A loader that
    deals its batches puts it into each of them, and the model goes by it.

    # Parameters

    factor : `float`
        Of the batch's loss and penalty in training. It is 1 but at the end of an epoch, where some
        workers have no batch left: see `loss_factor`.
    """

    factor: float = 1.0


def dealt(items: Sequence[T], rank: int, world: int) -> list[T | None]:
    """
    Every `world`-th item, from the `rank`-th on: in step `s` the workers together take the next
    `world` items.

    # Parameters

    items : `Sequence[T]`
        The same in every worker.
    rank, world : `int`

    # Returns

    `List[Optional[T]]`
        As many as every other worker gets; `None` in the last step where no item is left.
    """
    own: list[T | None] = list(items[rank::world])
    return own + [None] * (steps_of(len(items), world) - len(own))


def steps_of(count: int, world: int) -> int:
    """The number of steps in which `world` workers take `count` items."""
    return -(-count // world)


def loss_factor(step: int, count: int, world: int, accumulated: int = 1) -> float:
    """
    What the losses of a step are multiplied by, so that an update is the mean over its batches.

    Workers and trainer divide the losses of an update by the number of workers and of accumulated
    steps, although some workers of the last step may have no batch.

    # Parameters

    step : `int`
        From 0, in the epoch.
    count : `int`
        Batches of the epoch, of all workers.
    world : `int`
        Workers.
    accumulated : `int`, optional (default = `1`)
        Steps of an update; the last one of an epoch may have fewer.
    """
    first = step // accumulated * accumulated
    last = min(first + accumulated, steps_of(count, world))
    places = (last - first) * world
    return places / (min(last * world, count) - first * world)
