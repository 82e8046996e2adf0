"""No gates at all."""

from typing import Optional

import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.gates.head_gates import HeadGates


@HeadGates.register("open")
class OpenGates(HeadGates):
    """
    Every head is open and nothing is multiplied: the bare encoder. Registered as `"open"`, the
    default.
    """

    def forward(self, task: Optional[str] = None) -> Optional[torch.Tensor]:
        return None

    def deterministic(self, task: Optional[str] = None) -> torch.Tensor:
        return self.mask.float()

    def binarize(self, kept: torch.Tensor, task: Optional[str] = None) -> None:
        raise ConfigurationError(
            "the model has no head gates to binarise: give its 'gated_transformer' some, as in "
            '"gates": "hard_concrete"'
        )
