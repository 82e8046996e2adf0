"""How far each run of a grid is, and what that took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from allennlp_heads.grid.executor import PlannedRun
from allennlp_heads.grid.folders import Archived


class State(str, Enum):
    """A run waits, is running, and ends as one of the other three."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"
    BLOCKED = "blocked"


ENDED = frozenset({State.COMPLETE, State.FAILED, State.BLOCKED})


@dataclass
class RunState:
    """
    # Parameters

    run : `PlannedRun`
    state : `State`
    attempts : `int`
        Begun in all, by this command and earlier ones.
    seconds : `float`
        All attempts together.
    reason : `str`
        Why it failed or is blocked.
    archive : `Archived`, optional
        Of the whole archive of a complete run.
    packages : `Dict[str, Optional[str]]`, optional
        Versions with which it was completed; `None` where no grid did that.
    data_files : `Dict[str, Optional[str]]`
        Path -> digest, of the data that it is trained on; empty as long as it has not begun.
    since : `float`, optional
        When the attempt that is going began, by `time.monotonic`.
    """

    run: PlannedRun
    state: State = State.WAITING
    attempts: int = 0
    seconds: float = 0.0
    reason: str = ""
    archive: Archived | None = None
    packages: dict[str, str | None] | None = None
    data_files: dict[str, str | None] = field(default_factory=dict)
    since: float | None = None
    tries: int = field(default=0)
    """Attempts of this command alone, of which there may be so many."""

    def recall(self, said: dict[str, Any]) -> None:
        """Take what an earlier command noted of the run."""
        self.attempts = int(said.get("attempts") or 0)
        self.seconds = float(said.get("seconds") or 0.0)
        self.packages = said.get("packages")
        self.data_files = dict(said.get("data_files") or {})
        archive = said.get("archive") or {}
        if isinstance(archive.get("bytes"), int) and isinstance(archive.get("modified"), int):
            self.archive = archive["bytes"], archive["modified"]


def counts(states: Iterable[RunState]) -> dict[State, int]:
    """How many runs are in each state."""
    found = dict.fromkeys(State, 0)
    for one in states:
        found[one.state] += 1
    return found
