"""Gates that training finds, and how they become final."""

from typing import Any, Optional

import torch

from allennlp_heads.gates.head_gates import HeadGates

_LEARNED = -1


class LearnedGates(HeadGates):
    """
    Gates with parameters, shared by all tasks, until `binarize` replaces them with a 0/1 mask.

    The mask is a buffer, so checkpoints, `--recover` and archives carry it, and weights saved
    without it are those of gates still learned. Binarised gates freeze their parameters:
    optimizers and regularizers pass over them, so that neither weight decay nor momentum moves
    them. A run on several devices that binarises in mid-training needs
    `"ddp_accelerator": "multitask_torch"`.

    A subclass gives `sample` and `evaluation`, and makes its parameters after `super().__init__`.

    # Parameters

    heads : `List[int]`
        Number of heads of each layer, given by the encoder.
    """

    kept: torch.Tensor
    """`[layers, heads]` of 0 and 1, or -1 everywhere while the gates are learned."""

    def __init__(self, heads: list[int]) -> None:
        super().__init__(heads)
        self.register_buffer("kept", torch.full(self.mask.shape, float(_LEARNED)))
        self._binary = False  # as in `kept`, which a device would have to be asked for
        self._frozen: list[torch.nn.Parameter] = []

    def sample(self) -> torch.Tensor:
        """Gates for one pass of training, `[layers, heads]`."""
        raise NotImplementedError

    def evaluation(self) -> torch.Tensor:
        """Gates without noise or gradient, `[layers, heads]`, 0 where there is no head."""
        raise NotImplementedError

    def forward(self, task: Optional[str] = None) -> Optional[torch.Tensor]:
        return self.sample() if self.training and not self._binary else self.deterministic(task)

    def deterministic(self, task: Optional[str] = None) -> torch.Tensor:
        return self.kept.clone() if self._binary else self.evaluation()

    def expected_open(self, task: Optional[str] = None) -> Optional[torch.Tensor]:
        return None if self._binary else self.open_probability(task).sum()

    @property
    def binary(self) -> bool:
        return self._binary

    def binarize(self, kept: torch.Tensor, task: Optional[str] = None) -> None:
        self.kept.copy_(self._checked(kept))
        self._follow_kept()

    def _follow_kept(self) -> None:
        binary = bool((self.kept != _LEARNED).all())
        if binary and not self._binary:
            self._frozen = [p for p in self.parameters() if p.requires_grad]
        if binary:
            for parameter in self._frozen:
                parameter.requires_grad_(False)
                parameter.grad = None
        else:
            for parameter in self._frozen:
                parameter.requires_grad_(True)
            self._frozen = []
        self._binary = binary

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *others: Any) -> None:
        # weights from before the mask are those of gates still learned
        state_dict.setdefault(f"{prefix}kept", torch.full_like(self.kept, _LEARNED))
        super()._load_from_state_dict(state_dict, prefix, *others)
        self._follow_kept()
