"""When the phase of important-head training begins, and when its masks are made anew."""

from __future__ import annotations

import math
from typing import NamedTuple


class Phase(NamedTuple):
    """
    The last updates of a training.

    # Parameters

    first : `int`
        How many updates come before.
    total : `int`
        Updates of the whole training, should it not stop early.
    epoch_updates : `int`
        Updates of one epoch.
    every : `int` or `str`, optional (default = `None`)
        Make the masks anew after so many updates, or at the end of each `"epoch"`.
    """

    first: int
    total: int
    epoch_updates: int
    every: int | str | None = None

    @classmethod
    def from_share(
        cls, start: float, epochs: int, epoch_updates: int, every: int | str | None
    ) -> Phase:
        """The phase after the share `start` of all updates, rounded down; never empty."""
        total = epochs * epoch_updates
        first = min(math.floor(start * total + 1e-9), total - 1)
        return cls(first, total, epoch_updates, every)

    def masks_due(self, updates: int) -> bool:
        """Whether masks are made after so many updates."""
        if updates <= self.first or updates >= self.total or self.every is None:
            return updates == self.first
        if isinstance(self.every, str):
            return updates % self.epoch_updates == 0
        return (updates - self.first) % self.every == 0

    @property
    def share(self) -> float:
        """The phase's share of all updates."""
        return 1 - self.first / self.total
