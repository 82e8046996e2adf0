"""What there was when an attempt began: whether another one may help, and whether from scratch."""

from __future__ import annotations

from typing import NamedTuple

from allennlp_heads.grid.executor import MISTAKEN, PlannedRun, RunEnd
from allennlp_heads.grid.folders import Archived, Progress, checkpoints_of, progress_of


class Beginning(NamedTuple):
    """
    # Parameters

    progress : `Progress`
    checkpoints : `FrozenSet[Tuple[str, int]]`
        As `checkpoints_of` gives them.
    anew : `bool`
        Whether it was begun from scratch all the same.
    """

    progress: Progress
    checkpoints: frozenset[tuple[str, int]]
    anew: bool

    @classmethod
    def now(cls, run: PlannedRun, anew: bool, whole: Archived | None = None) -> Beginning:
        """Of an attempt that is about to begin; `whole` as for `progress_of`."""
        return cls(progress_of(run, whole), checkpoints_of(run), anew)

    @property
    def recovers(self) -> bool:
        """Whether the attempt goes on with an earlier one."""
        return self.progress is Progress.BEGUN and not self.anew

    def may_help(self, end: RunEnd) -> bool:
        """Whether another attempt could end otherwise: a mistake of the user's stays one."""
        return end.status != MISTAKEN or self.recovers

    def gained_nothing(self, run: PlannedRun) -> bool:
        """Whether it recovered, and left what it found: another recovery would be no better."""
        return self.recovers and checkpoints_of(run) == self.checkpoints
