"""Work that the workers of a distributed training share, each doing its part of the items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from allennlp.common.checks import ConfigurationError
from allennlp.common.util import SigTermReceived

from allennlp_heads.distributed import gather_objects, rank, world_size

Item = TypeVar("Item")
Result = TypeVar("Result")


def own_share(items: Iterable[Item]) -> Iterator[Item]:
    """Every W-th of the items, for the worker r of W from the r-th on; all for a single one."""
    return islice(items, rank(), None, world_size())


def in_all_workers(work: Callable[[], Result]) -> Result:
    """
    Collective: do the work in every worker. What one of them raises ends it in all, so that none
    waits for results that will not come.

    # Parameters

    work : `Callable[[], Result]`
        Without anything collective in it.

    # Returns

    `Result`
        This worker's own.

    Raises what the work raises, and where that of another worker failed, a `ConfigurationError` or
    a `RuntimeError` that says which and why.
    """
    error: Exception | None = None
    try:
        result = work()
    except SigTermReceived:  # the end of the training, which the others meet at their next step
        raise
    except Exception as raised:
        error = raised
    failures = gather_objects(None if error is None else _told(error))
    if error is not None:
        raise error
    for number, failure in enumerate(failures):
        if failure is not None:
            configuration, message = failure
            kind = ConfigurationError if configuration else RuntimeError
            raise kind(f"worker {number} of {world_size()}: {message}")
    return result


def shared_out(
    items: Iterable[Item], work: Callable[[Iterator[Item]], list[Result]]
) -> list[Result]:
    """
    Collective: every worker does its share of the items, and all get the results of all.

    # Parameters

    items : `Iterable[Item]`
        The same in every worker.
    work : `Callable[[Iterator[Item]], List[Result]]`
        One result for each of its items, in their order; plain data or arrays. Without anything
        collective in it.

    # Returns

    `List[Result]`
        In the order of the items, the same in every worker and as one worker alone would give.

    Raises what `in_all_workers` raises.
    """
    own = in_all_workers(lambda: work(own_share(items)))
    return _interleaved(gather_objects(own))


def _interleaved(shares: Sequence[list[Result]]) -> list[Result]:
    total = sum(map(len, shares))
    return [shares[place % len(shares)][place // len(shares)] for place in range(total)]


def _told(error: Exception) -> tuple[bool, str]:
    if isinstance(error, ConfigurationError):
        return True, error.message
    return False, f"{type(error).__name__}: {error}"
