"""
The order of work: what can begin, what is repeated, what is given up.

The order of dependencies is that of the standard library's `graphlib`; when something has room is
the executor's knowledge. What is here is what neither knows: that a run is complete already, that
one has failed, and what is then done.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from graphlib import TopologicalSorter
from pathlib import Path

from allennlp_heads.grid.beginning import Beginning
from allennlp_heads.grid.executor import DONE, FAILED, MISTAKEN, GridExecutor, RunEnd
from allennlp_heads.grid.failures import last_words
from allennlp_heads.grid.folders import Progress, archived, progress_of
from allennlp_heads.grid.state import RunState, State
from allennlp_heads.reports.files import package_versions

logger = logging.getLogger(__name__)

_POLL = 0.5  # seconds between two looks at a table

_STATUS = {FAILED: "failed", MISTAKEN: "found a mistake"}

Notice = Callable[[RunState], None]


class Schedule:
    """
    # Parameters

    states : `Sequence[RunState]`
        Of the runs to do, with all that they come after.
    executor : `GridExecutor`
    retries : `int`
        How often a run is begun again that has failed.
    changed : `Callable[[RunState], None]`
        Called when a run has come into another state.
    looked : `Callable[[], None]`
        Called about twice a second.
    """

    def __init__(
        self,
        states: Sequence[RunState],
        executor: GridExecutor,
        retries: int,
        changed: Notice = lambda state: None,
        looked: Callable[[], None] = lambda: None,
    ) -> None:
        self._states = {one.run.name: one for one in states}
        self._executor = executor
        self._retries = retries
        self._changed = changed
        self._looked = looked
        self._sorter = TopologicalSorter({one.run.name: one.run.after for one in states})
        self._ready: list[str] = []
        self._anew: set[str] = set()
        self._beginnings: dict[str, Beginning] = {}

    def work(self) -> None:
        """
        Do all runs. However it ends, also by an exception, no attempt is going any more.

        Raises `ConfigurationError` before anything is begun for runs that fit nowhere, and for
        folders of other configurations.
        """
        try:
            self._look_at_all()
            self._sorter.prepare()
            while self._sorter.is_active():
                self._ready += self._sorter.get_ready()
                moved = [name for name in list(self._ready) if self._begin(self._states[name])]
                self._ready = [name for name in self._ready if name not in moved]
                # what has ended without an attempt may have made others ready
                at_once = any(self._states[name].state is not State.RUNNING for name in moved)
                for end in self._executor.poll(0.0 if at_once else _POLL):
                    self._end(self._states[end.name], end)
                self._looked()
        finally:
            self._executor.close()
            for one in self._states.values():
                if one.state is State.RUNNING:
                    self._pause(one)
                    one.state = State.WAITING
                    self._changed(one)

    def _look_at_all(self) -> None:
        for one in self._states.values():
            if progress_of(one.run, one.archive) is Progress.COMPLETE:
                self._complete(one)
            else:
                self._executor.check(one.run)

    def _begin(self, one: RunState) -> bool:
        """Whether it need not wait any longer."""
        run = one.run
        if one.state is State.COMPLETE:
            self._sorter.done(run.name)
            return True
        missing = [name for name in run.after if self._states[name].state is not State.COMPLETE]
        if missing:
            one.reason = f"comes after {', '.join(missing)}"
            self._enter(one, State.BLOCKED)
            self._sorter.done(run.name)
            return True
        if not self._executor.fits(run):
            return False
        beginning = Beginning.now(run, run.name in self._anew, one.archive)
        self._beginnings[run.name] = beginning
        if beginning.anew or beginning.progress is Progress.UNREADABLE:
            logger.warning(
                "%s begins from scratch; what was in its folder is put aside in %s",
                run.name,
                Path(run.aside).parent,
            )
        one.attempts, one.tries = one.attempts + 1, one.tries + 1
        self._executor.start(run, beginning.anew)
        one.since = time.monotonic()
        self._enter(one, State.RUNNING)
        return True

    def _end(self, one: RunState, end: RunEnd) -> None:
        self._pause(one)
        # an attempt that ends well has written its archive to the end
        whole = archived(one.run)
        if end.status == DONE and progress_of(one.run, whole) is Progress.COMPLETE:
            one.packages = package_versions()
            self._complete(one)
            self._sorter.done(one.run.name)
            return
        one.reason = _said(end)
        if end.status in (FAILED, MISTAKEN):
            one.reason += last_words(one.run.log)
        if self._may_help(one, end):
            logger.warning("%s %s; it is tried again", one.run.name, one.reason)
            self._ready.append(one.run.name)
            self._enter(one, State.WAITING)
            return
        one.reason += f", after {one.tries} attempts" * (one.tries > 1)
        self._enter(one, State.FAILED)
        self._sorter.done(one.run.name)

    def _may_help(self, one: RunState, end: RunEnd) -> bool:
        """Whether to try again; notes whether from scratch."""
        beginning = self._beginnings.pop(one.run.name)
        if not beginning.may_help(end):
            return False
        if beginning.gained_nothing(one.run):
            self._anew.add(one.run.name)
        else:
            self._anew.discard(one.run.name)
        return one.tries <= self._retries

    def _complete(self, one: RunState) -> None:
        one.archive = archived(one.run)
        one.reason = ""
        self._enter(one, State.COMPLETE)

    def _pause(self, one: RunState) -> None:
        if one.since is not None:
            one.seconds += time.monotonic() - one.since
            one.since = None

    def _enter(self, one: RunState, state: State) -> None:
        one.state = state
        self._changed(one)


def _said(end: RunEnd) -> str:
    if end.status == DONE:
        return "ended well, but left no whole archive with metrics"
    if end.status < 0:
        text = f"was killed by signal {-end.status}"
    else:
        text = _STATUS.get(end.status, f"ended with status {end.status}")
    return f"{text} ({end.reason})" if end.reason else text
