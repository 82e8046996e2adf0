"""The interface of all head gates."""

from typing import Optional

import torch
from allennlp.common import Registrable


class HeadGates(torch.nn.Module, Registrable):
    """
    One number in [0, 1] for every attention head: 0 removes the head, 1 leaves it as it is.

    The encoder that owns the gates constructs them with its shape; a configuration gives the other
    parameters.

    # Parameters

    heads : `List[int]`
        Number of heads of each layer. Layers may differ; arrays are as wide as the largest layer.
    """

    default_implementation = "open"

    tasks: list[str] = []
    """Names of the tasks that have gates of their own; empty when all tasks share one set."""

    mask: torch.Tensor

    def __init__(self, heads: list[int]) -> None:
        super().__init__()
        mask = torch.arange(max(heads))[None, :] < torch.tensor(heads)[:, None]
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, task: Optional[str] = None) -> Optional[torch.Tensor]:
        """
        Gates for one forward pass of the encoder: noisy and differentiable in training,
        deterministic in evaluation.

        # Returns

        `Optional[torch.Tensor]`
            `[layers, heads]`, or `None` when every head is open and there is nothing to multiply.
        """
        raise NotImplementedError

    def deterministic(self, task: Optional[str] = None) -> torch.Tensor:
        """
        Gates as evaluation uses them, without noise or gradient: `[layers, heads]`, 0 where there
        is no head.
        """
        raise NotImplementedError

    def penalty(self, task: Optional[str] = None) -> Optional[torch.Tensor]:
        """
        What training adds to the loss for open gates (a scalar, coefficient included), or `None`.
        """
        return None
