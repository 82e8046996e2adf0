"""What may be chosen about pruning."""

import math
from dataclasses import dataclass, replace
from typing import Optional, Union

import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.gates import HeadGates, OpenGates, chosen_heads

THRESHOLD = 0.5
"""Heads whose gate is above are kept where nothing else is said."""


@dataclass(frozen=True)
class PruneOptions:
    """
    # Parameters

    threshold : `float`, optional (default = `0.5`)
        Keep the heads whose evaluation gate is above.
    keep : `int` or `float`, optional (default = `None`)
        Keep this many heads instead, those with the highest gates: an `int` is a number, a `float`
        between 0 and 1 a share of the heads there are.
    task : `str`, optional (default = `None`)
        Whose gates, where tasks have gates of their own; the other tasks leave the model.
    force : `bool`, optional (default = `False`)
        Replace the output folder where there is one.
    measure : `bool`, optional (default = `True`)
        Time the encoder before and after.
    plain : `bool`, optional (default = `True`)
        Also write a folder for the `transformers` library, where it can express the result.
    weights_file : `str`, optional (default = `None`)
        Weights to take instead of the archive's.
    cuda_device : `int`, optional (default = `-1`)

    Raises `ConfigurationError` when both `threshold` and `keep` are given, or a number that cannot
    be met.
    """

    threshold: Optional[float] = None
    keep: Union[int, float, None] = None
    task: Optional[str] = None
    force: bool = False
    measure: bool = True
    plain: bool = True
    weights_file: Optional[str] = None
    cuda_device: int = -1

    def __post_init__(self) -> None:
        if self.threshold is not None and self.keep is not None:
            raise ConfigurationError(
                "'threshold' and 'keep' are two ways to choose heads: give one of them"
            )
        if self.threshold is not None and not 0 <= self.threshold < 1:
            raise ConfigurationError(
                f"'threshold' is {self.threshold}: give a number from 0 to below 1, since gates "
                "are between 0 and 1"
            )
        if isinstance(self.keep, bool) or (isinstance(self.keep, float) and not 0 < self.keep < 1):
            raise ConfigurationError(
                f"'keep' is {self.keep}: give a whole number of heads such as 36, or a share of "
                "them between 0 and 1 such as 0.5"
            )

    def of_task(self, task: Optional[str]) -> "PruneOptions":
        """The same for another task's gates."""
        return replace(self, task=task)

    def by_threshold(self) -> "PruneOptions":
        """The same for gates that are zeros and ones already."""
        return replace(self, threshold=None, keep=None)

    def number(self, heads: int) -> Optional[int]:
        """How many of so many heads `keep` asks for; `None` where a threshold decides."""
        if isinstance(self.keep, float):
            return math.floor(self.keep * heads + 0.5)
        return self.keep

    def chosen(self, gates: HeadGates) -> torch.Tensor:
        """
        The heads to keep, `[layers, heads]` bool. Raises `ConfigurationError` for gates that were
        never learned or given, for a task that is missing or unknown, and where no head is left.
        """
        self.check(gates)
        threshold = THRESHOLD if self.threshold is None else self.threshold
        return chosen_heads(gates, threshold, self.number(int(gates.mask.sum())), self.task)

    def check(self, gates: HeadGates) -> None:
        """What can be said against these options before gates are trained."""
        if isinstance(gates, OpenGates):
            raise ConfigurationError(
                "the gates of this model are open, so nothing says which heads to keep: it was "
                "trained without gates, or pruned already. Train it with "
                '"gates": {"type": "hard_concrete"} in its gated_transformer, or give it a mask: '
                '"gates": {"type": "fixed", "mask": [[...], ...]}'
            )
        if self.task is not None and self.task not in gates.tasks:
            raise ConfigurationError(
                f"there are no gates of a task '{self.task}': "
                + (
                    f"choose one of {', '.join(gates.tasks)}"
                    if gates.tasks
                    else "all tasks of this model share one set of gates, so leave the task out"
                )
            )
        if self.task is None and gates.tasks:
            raise ConfigurationError(
                "each task of this model has gates of its own, and an encoder is pruned for one of "
                f"them: choose with --task (or 'task') one of {', '.join(gates.tasks)}"
            )
        heads = int(gates.mask.sum())
        number = self.number(heads)
        if number is not None and not 1 <= number <= heads:
            raise ConfigurationError(
                f"'keep' asks for {number} heads, but this encoder has {heads}: give 1 to {heads}, "
                "or a share such as 0.5"
            )
