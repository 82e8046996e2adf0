"""Training an encoder in bfloat16 and its heads in float32."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError


def autocast_dtype(name: str | None) -> torch.dtype | None:
    """
    The type that the option `autocast` of a model names, or a `ConfigurationError`.

    float16 is not among them: its gradients vanish unless the loss is scaled, which is the
    trainer's affair.
    """
    if name is None:
        return None
    if name != "bfloat16":
        raise ConfigurationError(
            f"model.autocast is '{name}': give 'bfloat16' or nothing. For float16, on a GPU only, "
            "set 'use_amp' of the trainer to true instead."
        )
    return torch.bfloat16


@contextmanager
def autocast(device: torch.device, dtype: torch.dtype) -> Iterator[None]:
    """
    Matrix products within are of `dtype`. Raises a `ConfigurationError` where the trainer has
    already chosen a type.
    """
    if torch.is_autocast_enabled(device.type):
        raise ConfigurationError(
            "model.autocast and the trainer's 'use_amp' exclude each other; remove one of them."
        )
    with torch.autocast(device.type, dtype=dtype):
        yield


@contextmanager
def outside_autocast(device: torch.device) -> Iterator[None]:
    """What is computed within is of the type of its inputs, whatever is chosen outside."""
    if not torch.is_autocast_enabled(device.type):
        yield
        return
    with torch.autocast(device.type, enabled=False):
        yield


def in_float32(values: dict[str, Any]) -> dict[str, Any]:
    """The same with floating point tensors made float32."""
    return {
        key: value.float() if torch.is_tensor(value) and value.is_floating_point() else value
        for key, value in values.items()
    }
