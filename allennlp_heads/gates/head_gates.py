"""The interface of all head gates."""

from typing import Any, Optional

import torch
from allennlp.common import Registrable
from allennlp.common.checks import ConfigurationError


class HeadGates(torch.nn.Module, Registrable):
    """
    One number in [0, 1] for every attention head: 0 removes the head, 1 leaves it as it is.

    The encoder that owns the gates constructs them with its shape; a configuration gives the other
    parameters. A `task` is needed only where tasks have gates of their own (`tasks` is not empty).

    # Parameters

    heads : `List[int]`
        Number of heads of each layer. Layers may differ, and a pruned layer may have none; arrays
        are as wide as the largest layer.
    """

    default_implementation = "open"

    tasks: list[str] = []
    """Names of the tasks that have gates of their own; empty when all tasks share one set."""

    mask: torch.Tensor
    """`[layers, heads]`, `bool`: which cells stand for a head."""

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
        What training adds to the loss for open gates (a scalar, coefficient included), or `None`
        where gates are not learned. It is 0 from `binarize` on: the trainer takes the first
        penalty of an epoch as a sign that there are some.
        """
        return None

    def open_probability(self, task: Optional[str] = None) -> torch.Tensor:
        """
        The probability that training leaves a head open, `[layers, heads]`: differentiable where
        gates are learned, else 0 or 1.
        """
        return (self.deterministic(task) > 0).to(torch.get_default_dtype())

    def expected_open(self, task: Optional[str] = None) -> Optional[torch.Tensor]:
        """
        Expected number of open heads, summed over layers: a differentiable scalar, or `None` where
        gates are not learned or no longer so.
        """
        return None

    def ranking(self, task: Optional[str] = None) -> torch.Tensor:
        """
        What "the k best heads" are sorted by, `[layers, heads]`: the larger, the better; minus
        infinity where there is no head.
        """
        return self.deterministic(task).masked_fill(~self.mask, float("-inf"))

    @property
    def binary(self) -> bool:
        """Whether `binarize` has made all gates final."""
        return False

    def binarize(self, kept: torch.Tensor, task: Optional[str] = None) -> None:
        """
        From now on the gates are this mask, in training as in evaluation: without noise and
        gradient, and with a penalty of 0. It is saved with the weights.

        # Parameters

        kept : `torch.Tensor`
            `[layers, heads]` of 0 and 1: the heads to keep.
        task : `str`, optional (default = `None`)
            Whose gates, where tasks have gates of their own.

        Raises `ConfigurationError` for gates that cannot be binarised, another shape, other values,
        cells without a head, and a mask that keeps nothing.
        """
        raise ConfigurationError(
            f"gates '{type(self).__name__}' cannot be binarised: use 'hard_concrete', 'per_task' "
            "or 'fixed'"
        )

    def sets(self) -> dict[Optional[str], "HeadGates"]:
        """The gates by task; shared ones stand under `None`."""
        return {None: self}

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *others: Any) -> None:
        names = [
            key.removeprefix(prefix).split(".") for key in state_dict if key.startswith(prefix)
        ]
        found = sorted({name[1] for name in names if name[0] == "by_task"})
        if found != sorted(self.tasks):
            theirs, own = (
                f"gates of {tasks}" if tasks else "gates that tasks share"
                for tasks in (found, self.tasks)
            )
            error_messages: list[str] = others[-1]
            error_messages.append(
                f"{prefix.rstrip('.') or 'gates'}: the weights have {theirs}, but the model has "
                f"{own}: configure the gates as the weights were trained"
            )
        super()._load_from_state_dict(state_dict, prefix, *others)

    def _checked(self, kept: torch.Tensor) -> torch.Tensor:
        if kept.shape != self.mask.shape:
            raise ConfigurationError(
                f"the mask of heads to keep has the shape {list(kept.shape)}, but the gates have "
                f"{list(self.mask.shape)} (layers, heads)"
            )
        kept = kept.to(self.mask.device)
        if not ((kept == 0) | (kept == 1)).all():
            raise ConfigurationError("the mask of heads to keep must hold nothing but 0 and 1")
        if (kept.bool() & ~self.mask).any():
            raise ConfigurationError("the mask of heads to keep names heads that do not exist")
        if not kept.any():
            raise ConfigurationError("no head would be left: keep at least one of the encoder's")
        return kept.bool()
