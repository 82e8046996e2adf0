"""Work that workers share: every item is done once, and none waits for one that has failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
import torch.distributed
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import SigTermReceived

from allennlp_heads.collect.sharing import in_all_workers, own_share, shared_out
from allennlp_heads.distributed import rank
from allennlp_heads.training.waiting import Waiting
from tests.distributed.launch import run_workers

WORLD = 3


def squared(numbers: Iterator[int]) -> list[tuple[int, int]]:
    return [(number**2, rank()) for number in numbers]


def raised_by(work: Callable[[], Any]) -> tuple[str, str]:
    try:
        work()
    except Exception as error:
        return type(error).__name__, str(error)
    return "", ""


def fail(number: int, error: Exception) -> int:
    if rank() == number:
        raise error
    return rank()


def fail_at_four(numbers: Iterator[int]) -> list[int]:
    return [fail(rank(), ConfigurationError("four")) if n == 4 else n for n in numbers]


def everything() -> dict[str, Any]:
    return {
        "share": list(own_share("abcdefg")),
        "squares": [shared_out(iter(range(n)), squared) for n in (0, 1, 3, 7)],
        "own": in_all_workers(rank),
        "configuration": raised_by(
            lambda: in_all_workers(lambda: fail(1, ConfigurationError("no data")))
        ),
        "other": raised_by(lambda: in_all_workers(lambda: fail(2, ValueError("no sense")))),
        "item": raised_by(lambda: shared_out(range(7), fail_at_four)),
        "afterwards": shared_out(range(4), squared),
    }


def test_three_workers() -> None:
    results = run_workers(everything, WORLD)
    for number, result in enumerate(results):
        assert result["share"] == list("abcdefg")[number::WORLD]
        assert result["squares"] == [
            [(place**2, place % WORLD) for place in range(count)] for count in (0, 1, 3, 7)
        ]
        assert result["own"] == number
        told = ("ConfigurationError", "worker 1 of 3: no data")
        assert result["configuration"] == (told if number != 1 else (told[0], "no data"))
        other = ("RuntimeError", "worker 2 of 3: ValueError: no sense")
        assert result["other"] == (other if number != 2 else ("ValueError", "no sense"))
        assert result["item"][0] == "ConfigurationError" and "four" in result["item"][1]
        assert result["afterwards"] == [(0, 0), (1, 1), (4, 2), (9, 0)]


def test_one_process_does_all() -> None:
    assert list(own_share("abc")) == list("abc")
    assert shared_out(range(3), squared) == [(0, 0), (1, 0), (4, 0)]
    with pytest.raises(ValueError, match="^no sense$"):
        in_all_workers(lambda: fail(0, ValueError("no sense")))


def test_the_end_of_the_training_is_not_talked_about() -> None:
    with mock.patch("allennlp_heads.collect.sharing.gather_objects", None):
        with pytest.raises(SigTermReceived):
            in_all_workers(lambda: fail(0, SigTermReceived()))


def wait_for_primary() -> tuple[float, float]:
    waiting = Waiting()
    waiting.prepare()
    # of this group alone: what would be waited with else gives up at once
    torch.distributed.distributed_c10d._set_pg_timeout(timedelta(milliseconds=100))
    time.sleep(1.0 if rank() == 0 else 0.0)
    written = time.time()
    waiting.for_all()
    gone_on = time.time()
    waiting.end()
    waiting.for_all()
    torch.distributed.distributed_c10d._set_pg_timeout(timedelta(seconds=60))
    return written, gone_on


def test_workers_wait_longer_than_they_would() -> None:
    times = run_workers(wait_for_primary)
    assert all(gone_on >= times[0][0] for _, gone_on in times)


def test_waiting_alone_is_nothing() -> None:
    waiting = Waiting()
    waiting.prepare()
    waiting.for_all()
    waiting.end()
    assert waiting._group is None
