"""How much memory a training takes."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from allennlp.models import Model

_STATES = {
    torch.optim.SGD: 0,
    torch.optim.Adagrad: 1,
    torch.optim.RMSprop: 1,
    torch.optim.ASGD: 1,
}
"""Numbers that an optimizer keeps of each trained one; Adam and its kin keep 2."""


@dataclass(frozen=True)
class Memory:
    """
    An estimate, in bytes, of what a training needs on its device. What was measured on a CPU was up
    to a fourth more (`benchmarks/memory_estimate.py`).

    # Parameters

    weights : `int`
        Parameters and buffers.
    gradients : `int`
        One number for each trained one.
    optimizer : `int`
        What it keeps between updates, such as Adam's two moments.
    activations : `int`
        What the backward pass of the largest batch needs of its forward pass. Measured on two of
        its examples, in training mode and with its padding, and multiplied.
    """

    weights: int
    gradients: int
    optimizer: int
    activations: int

    @property
    def total(self) -> int:
        """All of them. Not in it: what the libraries need, data in memory, and short-lived parts of
        single operations."""
        return self.weights + self.gradients + self.optimizer + self.activations

    def as_dict(self) -> dict[str, int]:
        """For JSON."""
        return {**asdict(self), "total": self.total}


def estimated(model: Model, optimizer: torch.optim.Optimizer, activations: int) -> Memory:
    """
    # Parameters

    model : `Model`
    optimizer : `torch.optim.Optimizer`
    activations : `int`
        See `Memory`.
    """
    trained = sum(_bytes(p) for p in model.parameters() if p.requires_grad)
    states = next((n for kind, n in _STATES.items() if isinstance(optimizer, kind)), 2)
    if isinstance(optimizer, torch.optim.SGD) and optimizer.defaults["momentum"]:
        states = 1
    weights = sum(_bytes(tensor) for tensor in [*model.parameters(), *model.buffers()])
    return Memory(weights, trained, states * trained, activations)


def _bytes(tensor: torch.Tensor) -> int:
    return tensor.numel() * tensor.element_size()
