"""On which of the two devices a tensor pretends to be: a mark on its storage, which views share."""

from __future__ import annotations

from typing import Any

import torch

CPU, GPU = torch.device("cpu"), torch.device("cuda", 0)
_MARK = "_pretends_to_be_on_gpu"


class DeviceMismatch(RuntimeError):
    """What a GPU would refuse."""


def device_of(tensor: torch.Tensor) -> torch.device:
    """Where a tensor is."""
    return storage_device(tensor.untyped_storage())


def storage_device(storage: Any) -> torch.device:
    """Where a storage is."""
    return GPU if getattr(storage, _MARK, False) else CPU


def mark(tensor: torch.Tensor, device: torch.device) -> None:
    """Say where a tensor, and all that shares its memory, is."""
    mark_storage(tensor.untyped_storage(), device)


def mark_storage(storage: Any, device: torch.device) -> None:
    """Say where a storage is."""
    setattr(storage, _MARK, device == GPU)
