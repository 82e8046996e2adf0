"""From the rows of an encoder's batch to examples."""

from __future__ import annotations

from typing import NamedTuple

import torch


class Part(NamedTuple):
    """
    What some examples add to a component.

    # Parameters

    name : `str`
        The component.
    first : `int`
        The first of the examples, by its place in the batch.
    gradients : `torch.Tensor`
        `[examples, ...]`.
    """

    name: str
    first: int
    gradients: torch.Tensor


class Rows(NamedTuple):
    """
    # Parameters

    of_examples : `torch.Tensor`, optional
        `[rows]`: the example of each row, where long inputs are cut into windows; `None` where a
        row is an example.
    examples : `int`
        How many there are.
    """

    of_examples: torch.Tensor | None
    examples: int

    @property
    def number(self) -> int:
        """How many rows there are."""
        return self.examples if self.of_examples is None else len(self.of_examples)

    def sums(self, values: torch.Tensor) -> torch.Tensor:
        """`[rows, ...]` -> `[examples, ...]`: the sums over the windows of each."""
        if self.of_examples is None:
            return values
        zeros = values.new_zeros(self.examples, *values.shape[1:])
        return zeros.index_add_(0, self.of_examples, values)

    def of(self, example: int, values: torch.Tensor) -> torch.Tensor:
        """`[rows, ...]` -> `[windows, ...]`: those of one example."""
        if self.of_examples is None:
            return values[example : example + 1]
        return values[self.of_examples == example]
