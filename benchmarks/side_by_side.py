"""Timing several ways of doing the same thing in one run, so that only ratios count."""

import statistics
import time
from collections.abc import Callable

Ways = dict[str, Callable[[], object]]
Clock = Callable[[Callable[[], object]], float]
"""Calls what it is given and says how many seconds that took."""


def wall_clock(way: Callable[[], object]) -> float:
    """The seconds of a call."""
    start = time.perf_counter()
    way()
    return time.perf_counter() - start


def medians(ways: Ways, repeats: int = 7) -> dict[str, float]:
    """
    Median seconds of each way, of rounds as `rounds` makes them.

    # Parameters

    ways : `Dict[str, Callable]`
        What to call, under a name.
    repeats : `int`, optional (default = `7`)
        Rounds that count.
    """
    return {name: statistics.median(found) for name, found in rounds(ways, repeats).items()}


def rounds(ways: Ways, repeats: int = 7, clock: Clock = wall_clock) -> dict[str, list[float]]:
    """
    Seconds of each way in each round. The ways take turns, in changing order, after one round that
    warms up.

    # Parameters

    ways : `Dict[str, Callable]`
        What to call, under a name.
    repeats : `int`, optional (default = `7`)
        Rounds that count.
    clock : `Clock`, optional (default = `wall_clock`)
    """
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(repeats + 1):
        order = list(ways) if turn % 2 else list(reversed(ways))
        for name in order:
            found = clock(ways[name])
            if turn:
                seconds[name].append(found)
    return seconds


def speedup(slow: list[float], fast: list[float]) -> tuple[float, float]:
    """
    How many times as fast the second way is as the first, from the seconds of each round of both.

    # Returns

    `Tuple[float, float]`
        The median of the rounds' ratios, in which a change of the machine's load cancels, and half
        the distance of their quartiles, which is the noise of a round.
    """
    ratios = [a / b for a, b in zip(slow, fast, strict=True)]
    lower, middle, upper = statistics.quantiles(ratios, n=4, method="inclusive")
    return middle, (upper - lower) / 2
