"""Training state reduced to what torch's safe loader reads back."""

from __future__ import annotations

import os
from collections import OrderedDict, deque
from collections.abc import Mapping
from typing import Any

import numpy
import torch

_READABLE = (
    torch.Tensor,
    torch.Size,
    torch.dtype,
    torch.device,
    bool,
    complex,
    str,
    bytes,
    type(None),
)


def plain_state(state: Any, where: str = "state", unreadable: list[str] | None = None) -> Any:
    """
    A copy of `state` without the objects that `torch.load(..., weights_only=True)` refuses, of the
    same values: numpy scalars become Python numbers, numpy arrays tensors, other mappings and
    sequences dictionaries and lists, paths text. Tensors are shared, not copied.

    # Parameters

    state : `Any`
    where : `str`, optional (default = `"state"`)
        Name of `state`, for `unreadable`.
    unreadable : `List[str]`, optional (default = `None`)
        Receives a line for each object that is left as it is although it could not be loaded again.
    """
    if isinstance(state, numpy.generic):
        state = state.item()
    if isinstance(state, int) and not isinstance(state, bool):
        return int(state)  # a subclass would be stored with its class, which the loader refuses
    if isinstance(state, float):
        return float(state)
    if isinstance(state, torch.nn.Parameter):
        # parameters are stored with their Python attributes, and gates carry some; a moving
        # average keeps parameters in its state
        return state.detach()
    if isinstance(state, _READABLE):
        return state
    if isinstance(state, numpy.ndarray) and state.dtype != object:
        return torch.from_numpy(state.copy())
    if isinstance(state, os.PathLike):
        return os.fspath(state)
    if isinstance(state, Mapping):
        copy: dict[Any, Any] = OrderedDict() if isinstance(state, OrderedDict) else {}
        for key, value in state.items():
            copy[plain_state(key, f"{where} key")] = plain_state(
                value, f"{where}[{key!r}]", unreadable
            )
        return copy
    if isinstance(state, (list, tuple, set, frozenset, deque)):
        items = [plain_state(v, f"{where}[{i}]", unreadable) for i, v in enumerate(state)]
        if isinstance(state, tuple):
            return tuple(items)
        return set(items) if isinstance(state, (set, frozenset)) else items
    if unreadable is not None and type(state) not in torch.serialization.get_safe_globals():
        unreadable.append(f"{where} is a {type(state).__module__}.{type(state).__qualname__}")
    return state
