"""What a person sees while a grid is going: a live table, or a line whenever something happens."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Protocol

from allennlp_heads.grid.folders import epochs_of, metrics_so_far
from allennlp_heads.grid.state import ENDED, RunState, State, counts

logger = logging.getLogger(__name__)

_COLOURS = {
    State.WAITING: "dim",
    State.RUNNING: "cyan",
    State.COMPLETE: "green",
    State.FAILED: "red",
    State.BLOCKED: "yellow",
}
_SHOWN_FIRST = (State.RUNNING, State.FAILED, State.BLOCKED, State.WAITING, State.COMPLETE)


class Shown(Protocol):
    """To be used as a context."""

    def __enter__(self) -> Shown:
        """Begin to show."""

    def __exit__(self, *error: Any) -> None:
        """Leave the screen as it is at the end."""

    def changed(self, one: RunState) -> None:
        """A run has come into another state."""

    def looked(self) -> None:
        """Some time has passed."""


def shown(states: Sequence[RunState], plain: bool) -> Shown:
    """
    A live table where standard error is a terminal and nobody asked for plain lines.

    # Parameters

    states : `Sequence[RunState]`
        Watched while they change.
    plain : `bool`
    """
    return Lines(states) if plain or not sys.stderr.isatty() else Table(states)


class Lines:
    """A line of the log for each change. Parameters as for `shown`."""

    def __init__(self, states: Sequence[RunState]) -> None:
        self._left = _Left(states)

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *error: Any) -> None:
        pass

    def changed(self, one: RunState) -> None:
        """Say it."""
        reason = f": {one.reason}" if one.reason else ""
        attempt = f", attempt {one.attempts}" if one.state is State.RUNNING else ""
        logger.info("%s %s%s%s (%s)", one.run.name, one.state.value, attempt, reason, self._left)

    def looked(self) -> None:
        """Nothing."""


class Table:
    """A table that is drawn anew in its place. Parameters as for `shown`."""

    def __init__(self, states: Sequence[RunState]) -> None:
        from rich.console import Console
        from rich.live import Live

        self._states = states
        self._left = _Left(states)
        self._console = Console(stderr=True)
        self._live = Live(console=self._console, auto_refresh=False, transient=False)

    def __enter__(self) -> Table:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        self.looked()
        self._live.stop()

    def changed(self, one: RunState) -> None:
        """Nothing: it is drawn at the next look."""

    def looked(self) -> None:
        """Draw it."""
        from rich.table import Table as Drawn

        drawn = Drawn(title=str(self._left), title_justify="left", box=None, pad_edge=False)
        for column in ("run", "state", "attempt", "minutes", "epochs", "best", ""):
            right = column in ("attempt", "minutes", "epochs", "best")
            drawn.add_column(column, justify="right" if right else "left", no_wrap=True)
        for one in self._chosen():
            drawn.add_row(*_row(one), style=_COLOURS[one.state])
        self._live.update(drawn, refresh=True)

    def _chosen(self) -> list[RunState]:
        """As many as there are lines for, and in the order of the plan."""
        room = max(1, self._console.height - 4)
        first = sorted(self._states, key=lambda one: _SHOWN_FIRST.index(one.state))[:room]
        kept = {one.run.name for one in first}
        return [one for one in self._states if one.run.name in kept]


def _row(one: RunState) -> list[str]:
    seconds = one.seconds + (0.0 if one.since is None else time.monotonic() - one.since)
    trainer = one.run.config.get("trainer") or {}
    epochs, best = "", ""
    if one.state in (State.RUNNING, State.COMPLETE):
        epochs = f"{epochs_of(one.run)}/{trainer.get('num_epochs', 20)}"
        metric = str(trainer.get("validation_metric", "-loss"))[1:]
        value = metrics_so_far(one.run).get(f"best_validation_{metric}")
        best = f"{value:.4f}" if isinstance(value, float) else ""
    minutes = f"{seconds / 60:.1f}" if seconds else ""
    return [
        one.run.name,
        one.state.value,
        str(one.attempts or ""),
        minutes,
        epochs,
        best,
        one.reason,
    ]


class _Left:
    """How much is done, in words, and how long the rest may take at the rate so far."""

    def __init__(self, states: Sequence[RunState]) -> None:
        self._states = states
        self._began = time.monotonic()

    def __str__(self) -> str:
        found = counts(self._states)
        parts = [f"{found[State.COMPLETE]} of {len(self._states)} complete"]
        for state in (State.RUNNING, State.FAILED, State.BLOCKED):
            parts += [f"{found[state]} {state.value}"] * bool(found[state])
        done = sum(one.tries > 0 and one.state in ENDED for one in self._states)
        left = sum(one.state not in ENDED for one in self._states)
        if done and left:
            minutes = (time.monotonic() - self._began) / done * left / 60
            parts.append(f"about {max(1, round(minutes))} min left")
        return ", ".join(parts)
