"""One phase of a training that trains one task after another."""

import math
from collections.abc import Sequence
from copy import deepcopy
from typing import Any, Optional

from allennlp.common import FromParams, Params
from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.data_loaders.randomness import seeded

KEEP, RESET = "keep", "reset"
MOST = 1000
"""Passes over a task's data; whoever asks for more has mistyped a number."""


class TrainingPhase(FromParams):
    """
    What one phase of the sampler `phases` trains. Exactly one of `share` and `steps` says how long.

    # Parameters

    task : `str`
    share : `float`, optional (default = `None`)
        Steps as a share of all batches of the task, above 0 and at most 1000; 2 is two passes over
        all. It is rounded such that a share as wide as `part` is exactly one pass over the part,
        and so on.
    steps : `int`, optional (default = `None`)
        Number of steps, each of one batch.
    part : `List[float]`, optional (default = `[0, 1]`)
        Which of the task's batches: `[0, 0.5]` and `[0.5, 1]` are its halves, drawn at random by
        the loader's seed, disjoint and the same in every phase and round.
    head : `str`, optional (default = `"keep"`)
        `"reset"`: at its begin the task's head gets the weights it began the training with, and its
        moments in the optimizer are forgotten.
    optimizer : `str`, optional (default = `"keep"`)
        `"reset"`: at its begin the moments of all parameters are forgotten, and the schedule of the
        learning rate starts again.
    """

    def __init__(
        self,
        task: str,
        share: Optional[float] = None,
        steps: Optional[int] = None,
        part: Optional[list[float]] = None,
        head: str = KEEP,
        optimizer: str = KEEP,
    ) -> None:
        self.task = task
        self.share = share
        self.steps = steps
        self.part = [0.0, 1.0] if part is None else [float(share) for share in part]
        self.head = head
        self.optimizer = optimizer

    @classmethod
    def from_params(cls, params: Params, **extras: Any) -> "TrainingPhase":  # type: ignore[override]
        """
        From a configuration. Raises `ConfigurationError` where AllenNLP, which does not say which
        phase it is at, finds a value of a wrong type.
        """
        given = deepcopy(params.as_dict(quiet=True) if isinstance(params, Params) else params)
        try:
            return super().from_params(params, **extras)
        except TypeError as error:
            raise ConfigurationError(
                f"data_loader.sampler.phases: in the phase {given}: {error} Give 'share' a number, "
                "'steps' a whole number, and 'part' a list of two numbers from 0 to 1"
            ) from error

    @property
    def resets_head(self) -> bool:
        """Whether the task's head begins again."""
        return self.head == RESET

    @property
    def resets_optimizer(self) -> bool:
        """Whether moments and schedule begin again."""
        return self.optimizer == RESET

    @property
    def pool(self) -> str:
        """Names the batches: the task, with the part where it is one."""
        first, last = self.part
        return self.task if (first, last) == (0, 1) else f"{self.task} {first} to {last}"

    def check(self, key: str) -> None:
        """Raise `ConfigurationError`, which names `key`, for what cannot be meant."""
        if (self.share is None) == (self.steps is None):
            given = "neither" if self.steps is None else "both"
            raise ConfigurationError(
                f"{key} has {given} of 'share' and 'steps': give one of them, a share of the "
                "task's batches or a number of steps"
            )
        _check(f"{key}.steps", self.steps, self.steps is None or self.steps > 0, "at least 1")
        share_fits = self.share is None or 0 < self.share <= MOST
        _check(f"{key}.share", self.share, share_fits, f"a number above 0, at most {MOST}")
        part_fits = len(self.part) == 2 and 0 <= self.part[0] < self.part[1] <= 1
        _check(f"{key}.part", self.part, part_fits, "two numbers from 0 to 1, the smaller first")
        for name, value in (("head", self.head), ("optimizer", self.optimizer)):
            _check(f"{key}.{name}", value, value in (KEEP, RESET), f"'{KEEP}' or '{RESET}'")

    def batches(self, count: int, seed: int) -> Sequence[int]:
        """The indices of the part's batches, of `count` that the task has, in ascending order."""
        everything = list(range(count))
        seeded("parts", seed, self.task).shuffle(everything)
        return sorted(everything[slice(*self._bounds(count))])

    def size(self, count: int) -> int:
        """How many batches the part has, of `count` that the task has."""
        first, last = self._bounds(count)
        return last - first

    def length(self, count: int) -> int:
        """The number of steps, for a task of `count` batches."""
        if self.steps is not None:
            return self.steps
        assert self.share is not None
        first, last = self.part
        passes = math.floor(round(self.share / (last - first), 6))
        rest = self.share - passes * (last - first)
        return passes * self.size(count) + _bound(first + rest, count) - _bound(first, count)

    def _bounds(self, count: int) -> tuple[int, int]:
        first, last = self.part
        return _bound(first, count), _bound(last, count)


def _bound(share: float, count: int) -> int:
    # halves up; and shares like 0.1 + 0.2 mean the number that was written
    return math.floor(round(share * count, 6) + 0.5)


def _check(key: str, value: object, fits: bool, wanted: str) -> None:
    if not fits:
        raise ConfigurationError(f"{key} is {value!r}: give {wanted}")
