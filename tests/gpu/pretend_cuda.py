"""What `torch.cuda` says and does while a GPU is pretended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import torch

from tests.gpu.storage_marks import CPU, GPU, device_of, mark_storage, storage_device

_LOCATION = "cuda:0"


@contextmanager
def pretend_cuda(generator: torch.Generator) -> Iterator[None]:
    """One GPU, whose random numbers come from `generator`."""
    answers = {
        "is_available": lambda: True,
        "is_initialized": lambda: True,
        "device_count": lambda: 1,
        "current_device": lambda: 0,
        "set_device": lambda device: None,
        "synchronize": lambda device=None: None,
        "empty_cache": lambda: None,
        "get_device_name": lambda device=None: "a pretended GPU",
        "max_memory_allocated": lambda device=None: 1 << 20,
        "memory_allocated": lambda device=None: 1 << 20,
        "reset_peak_memory_stats": lambda device=None: None,
        "reset_max_memory_allocated": lambda device=None: None,
        "get_rng_state": lambda device=0: generator.get_state(),
        "set_rng_state": lambda state, device=0: _set(generator, state),
        "get_rng_state_all": lambda: [generator.get_state()],
        "set_rng_state_all": lambda states: _set(generator, states[0]),
        "manual_seed": lambda seed: _seed(generator, seed),
        "manual_seed_all": lambda seed: _seed(generator, seed),
        "Event": _Event,
    }
    with ExitStack() as stack:
        for name, answer in answers.items():
            stack.enter_context(mock.patch.object(torch.cuda, name, answer))
        stack.enter_context(_autocast())
        stack.enter_context(_grouped_by_device())
        stack.enter_context(_saved_as_from_gpu())
        yield


def _set(generator: torch.Generator, state: torch.Tensor) -> None:
    generator.set_state(state)


def _seed(generator: torch.Generator, seed: int) -> None:
    generator.manual_seed(seed)


class _Event:
    def __init__(self, enable_timing: bool = False) -> None:
        self._time = 0.0

    def record(self, stream: Any = None) -> None:
        self._time = time.perf_counter()

    def synchronize(self) -> None:
        pass

    def elapsed_time(self, end: _Event) -> float:
        return 1000 * (end._time - self._time)


@contextmanager
def _autocast() -> Iterator[None]:
    """Autocast for the GPU is that for the CPU, whose kernels are used."""
    kind = torch.amp.autocast_mode.autocast
    start, enabled = kind.__init__, torch.is_autocast_enabled

    def on_cpu(self: Any, device_type: str, dtype: Any = None, *args: Any, **kwargs: Any) -> None:
        if device_type == "cuda":
            device_type, dtype = "cpu", dtype or torch.float16
        start(self, device_type, dtype, *args, **kwargs)

    def asked(*device_type: str) -> bool:
        return enabled(*("cpu" if kind == "cuda" else kind for kind in device_type))

    with (
        mock.patch.object(kind, "__init__", on_cpu),
        mock.patch.object(torch, "is_autocast_enabled", asked),
    ):
        yield


@contextmanager
def _grouped_by_device() -> Iterator[None]:
    """Lists of tensors for one kernel, which PyTorch sorts by device without Python's knowledge."""
    group = torch._C._group_tensors_by_device_and_dtype

    def regrouped(lists: Any, *args: Any) -> Any:
        found = group(lists, *args)
        return {(_first_place(of), key[1]): (of, *rest) for key, (of, *rest) in found.items()}

    with mock.patch.object(torch._C, "_group_tensors_by_device_and_dtype", regrouped):
        yield


def _first_place(lists: Any) -> torch.device:
    return next(device_of(tensor) for tensors in lists for tensor in tensors if tensor is not None)


@contextmanager
def _saved_as_from_gpu() -> Iterator[None]:
    """
    Files say that their tensors were on the GPU, and give them back there unless they are told
    another place.
    """
    packages = torch.serialization._package_registry

    def location(storage: Any) -> str | None:
        return _LOCATION if storage_device(storage) == GPU else None

    def place(storage: Any, location: str) -> Any:
        if not location.startswith("cuda"):
            return None
        mark_storage(storage, GPU)
        return storage

    def to_gpu(storage: Any, *_: Any, **__: Any) -> Any:
        copied = storage.clone()
        mark_storage(copied, GPU)
        return copied

    def to_cpu(storage: Any) -> Any:
        copied = storage.clone()
        mark_storage(copied, CPU)
        return copied

    torch.serialization.register_package(1, location, place)
    mine = next(entry for entry in packages if entry[1] is location)
    try:
        with (
            mock.patch.object(torch.UntypedStorage, "cuda", to_gpu),
            mock.patch.object(torch.UntypedStorage, "cpu", to_cpu),
        ):
            yield
    finally:
        packages.remove(mine)
