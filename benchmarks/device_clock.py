"""Timing what runs on a GPU beside the program that starts it."""

from __future__ import annotations

from collections.abc import Callable

import torch

from benchmarks.side_by_side import Clock, wall_clock


def clock_of(device: torch.device) -> Clock:
    """
    The clock for a device: on a GPU its own events, from when it begins what it is given until it
    has done it; elsewhere the wall's.
    """
    if device.type != "cuda":
        return wall_clock

    def events(way: Callable[[], object]) -> float:
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        torch.cuda.synchronize(device)
        start.record()
        way()
        end.record()
        end.synchronize()
        return float(start.elapsed_time(end)) / 1000

    return events


def peak_bytes(way: Callable[[], object], device: torch.device) -> int | None:
    """The most memory that a call had on a GPU, all that was there before included."""
    if device.type != "cuda":
        return None
    torch.cuda.synchronize(device)
    torch.cuda.reset_peak_memory_stats(device)
    way()
    torch.cuda.synchronize(device)
    return int(torch.cuda.max_memory_allocated(device))


def device_name(device: torch.device) -> str:
    """What the figures are of."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"CPU, {torch.get_num_threads()} threads"
