"""Looking into a model without leaving a trace."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy
import torch
from allennlp.training.metrics import Metric


@contextmanager
def undisturbed(model: torch.nn.Module) -> Iterator[None]:
    """
    Put the model into evaluation mode, without gradients of earlier steps, and give everything back
    when the context manager closes, also after an exception: the mode of every module, its hooks,
    buffers and plain attributes (metrics with what they have counted, which tasks were scored, a
    loss balancer's history), `requires_grad` and gradients of the parameters, and the random
    generators of Python, NumPy and torch. The values of the parameters are the caller's care.

    Metrics, buffers and containers are copies meanwhile; the originals are put aside untouched.

    # Parameters

    model : `torch.nn.Module`
    """
    modules = [(module, dict(vars(module))) for module in model.modules()]
    parameters = [(p, p.requires_grad, p.grad) for p in model.parameters()]
    try:
        with generators_kept():
            copies: dict[int, Any] = {}
            for module, state in modules:
                vars(module).update({k: _working_copy(v, copies) for k, v in state.items()})
            for parameter, _, _ in parameters:
                parameter.grad = None
            model.eval()
            yield
    finally:
        for module, state in modules:
            vars(module).clear()
            vars(module).update(state)
        for parameter, learns, gradient in parameters:
            parameter.requires_grad_(learns)
            parameter.grad = gradient


@contextmanager
def generators_kept() -> Iterator[None]:
    """
    Give the states of the random generators of Python, NumPy and torch (all GPUs, where this
    process uses one) back when the context manager closes.
    """
    python, arrays = random.getstate(), numpy.random.get_state()
    # asked for their states, GPUs that nobody uses would be started
    gpus = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    with torch.random.fork_rng(devices=gpus, device_type="cuda"):
        try:
            yield
        finally:
            random.setstate(python)
            numpy.random.set_state(arrays)


def _working_copy(value: Any, copies: dict[int, Any]) -> Any:
    """
    A copy of a metric, a buffer, or a container down to these; all else, modules and parameters
    among it, is the same object. What is one object stays one.
    """
    if id(value) in copies:
        return copies[id(value)]
    copied = value
    if isinstance(value, Metric):
        copied = copy.deepcopy(value)
    elif isinstance(value, torch.Tensor) and not isinstance(value, torch.nn.Parameter):
        copied = value.detach().clone()
    elif isinstance(value, dict):
        copied = copy.copy(value)
        copied.update({key: _working_copy(item, copies) for key, item in value.items()})
    elif isinstance(value, list):
        copied = copy.copy(value)
        copied[:] = [_working_copy(item, copies) for item in value]
    elif isinstance(value, set):
        copied = copy.copy(value)
    copies[id(value)] = copied
    return copied
