"""
Heads of a BERT by the names and rows its library gives them, independent of layouts and recipes.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

import tests.tiny as tiny

Masks = dict[str, torch.Tensor]


def projections(encoder: torch.nn.Module) -> Iterator[tuple[int, str, torch.nn.Parameter]]:
    """Layer, name and parameter of every query, key and value."""
    for layer in range(tiny.LAYERS):
        for part in ("query", "key", "value"):
            for kind in ("weight", "bias"):
                name = f"encoder.layer.{layer}.attention.self.{part}.{kind}"
                yield layer, name, encoder.get_parameter(name)


def rows_of(head: int) -> slice:
    """Rows of a head in each of these parameters."""
    return slice(head * tiny.HEAD_DIM, (head + 1) * tiny.HEAD_DIM)


def heads(tensor: torch.Tensor) -> torch.Tensor:
    """`[heads, rest]` of a parameter or of what has its shape."""
    return torch.stack([tensor[rows_of(head)].flatten() for head in range(tiny.HEADS)])


def two_masks() -> Masks:
    """Of two tasks: heads of one, of the other, of both and of none, in every layer."""
    a = torch.zeros(tiny.LAYERS, tiny.HEADS, dtype=torch.bool)
    b = a.clone()
    for layer in range(tiny.LAYERS):
        a[layer, layer % tiny.HEADS] = b[layer, (layer + 1) % tiny.HEADS] = True
        a[layer, (layer + 2) % tiny.HEADS] = b[layer, (layer + 2) % tiny.HEADS] = True
    return {"a": a, "b": b}


def loss(encoder: torch.nn.Module, task: str, step: int) -> torch.Tensor:
    """Some loss of some batch of a task."""
    seed = 2 * step + (task == "a")
    output = encoder(**tiny.batch(rows=2, length=5, seed=seed)).last_hidden_state
    weights = torch.randn(output.shape, generator=torch.Generator().manual_seed(seed))
    return (output * weights).sum() / 100


class Snapshot:
    """Queries, keys and values with the optimizer's memory of them, `[heads, rest]` each."""

    def __init__(self, encoder: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
        self.found: dict[tuple[int, str, str], torch.Tensor] = {}
        for layer, name, parameter in projections(encoder):
            self.found[layer, name, "weight"] = heads(parameter.detach())
            for key, state in optimizer.state.get(parameter, {}).items():
                if isinstance(state, torch.Tensor) and state.dim():
                    self.found[layer, name, key] = heads(state)

    def moved_since(self, earlier: Snapshot) -> dict[tuple[int, str, str], list[bool]]:
        """Which heads differ in some bit; what was not there before counts from zero."""
        return {
            key: (found != earlier.found.get(key, torch.zeros_like(found))).any(dim=1).tolist()
            for key, found in self.found.items()
        }
