"""What a machine has for runs."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


@dataclass(frozen=True)
class Machine:
    """
    # Parameters

    cpus : `int`
        Cores that this process may use.
    gpus : `Tuple[str, ...]`
        As `CUDA_VISIBLE_DEVICES` names them.
    memory : `float`
        Gigabytes (10^9 bytes).
    """

    cpus: int
    gpus: tuple[str, ...]
    memory: float

    @classmethod
    def this(cls) -> Machine:
        """The one that this process runs on, or what a container leaves of it."""
        return cls(_cpus(), _gpus(), _memory())


def _cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _gpus() -> tuple[str, ...]:
    import torch

    said = os.environ.get("CUDA_VISIBLE_DEVICES")
    if said is not None:
        return tuple(gpu.strip() for gpu in said.split(",") if gpu.strip() and gpu.strip() != "-1")
    return tuple(map(str, range(torch.cuda.device_count())))


def _memory() -> float:
    there = float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for path in _LIMITS:
        with suppress(OSError, ValueError):  # no such limit, or "max"
            there = min(there, float(Path(path).read_text()))
    return there / 1e9
