"""Timing several ways of doing the same thing in one run, so that only ratios count."""

import statistics
import time
from collections.abc import Callable


def medians(ways: dict[str, Callable[[], object]], repeats: int = 7) -> dict[str, float]:
    """
    Median seconds of each way. The ways take turns, in changing order, after one round that warms
    up.

    # Parameters

    ways : `Dict[str, Callable]`
        What to call, under a name.
    repeats : `int`, optional (default = `7`)
        Rounds that count.
    """
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(repeats + 1):
        order = list(ways) if turn % 2 else list(reversed(ways))
        for name in order:
            start = time.perf_counter()
            ways[name]()
            if turn:
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}
