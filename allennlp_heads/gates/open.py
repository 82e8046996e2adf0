"""No gates at all."""

from __future__ import annotations

import torch

from allennlp_heads.gates.head_gates import HeadGates


@HeadGates.register("open")
class OpenGates(HeadGates):
    """
    Every head is open and nothing is multiplied: the bare encoder. Registered as `"open"`, the
    default.
    """

    def forward(self, task: str | None = None) -> torch.Tensor | None:
        return None

    def deterministic(self, task: str | None = None) -> torch.Tensor:
        return self.mask.float()
