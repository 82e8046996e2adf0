"""Where the runs of a grid are done: what such a place is told, and what it must be able to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

DONE, FAILED, MISTAKEN = 0, 1, 2
"""
How an attempt ends: trained and archived; failed, so that another attempt may help; or with a
mistake in the configuration or the data, which would be made again.
"""

BEGINS = "==== attempt begins"
"""How the first line of an attempt begins in the log of its run."""


@dataclass(frozen=True)
class Needs:
    """
    What a run occupies while it is going.

    # Parameters

    cpus : `int`, optional (default = `1`)
        Cores, and so threads.
    gpus : `int`, optional (default = `0`)
        The run sees these only, numbered from 0.
    memory : `float`, optional (default = `0.0`)
        Gigabytes (10^9 bytes) of main memory; 0 is not counted.
    """

    cpus: int = 1
    gpus: int = 0
    memory: float = 0.0


@dataclass(frozen=True)
class PlannedRun:
    """
    One training, ready to be done: all of it can be pickled and sent to another machine that has
    the same folders.

    # Parameters

    name : `str`
    folder : `str`
        Its serialization directory, absolute.
    config : `Dict[str, Any]`
        Its whole configuration, resolved.
    after : `Tuple[str, ...]`
        Names of the runs that must be complete before.
    needs : `Needs`
    environment : `Dict[str, str]`
        Environment variables of its own, beside those of the command.
    packages : `Tuple[str, ...]`
        Packages with classes of the user's own, as `--include-package` names them.
    log : `str`
        File to which all that the attempts say is added, absolute.
    lock : `str`
        File that an attempt locks, so that no two are ever in one folder, absolute.
    aside : `str`
        Where the folder of an earlier attempt is put when it cannot be recovered, absolute; with a
        number where that is taken.
    """

    name: str
    folder: str
    config: Mapping[str, Any]
    after: tuple[str, ...] = ()
    needs: Needs = Needs()
    environment: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    log: str = ""
    lock: str = ""
    aside: str = ""

    @property
    def threads(self) -> int:
        """Of each of its processes, which share its cores."""
        distributed = self.config.get("distributed") or {}
        return max(1, self.needs.cpus // len(distributed.get("cuda_devices") or [None]))


@dataclass(frozen=True)
class RunEnd:
    """
    # Parameters

    name : `str`
        Of the run of which an attempt is over.
    status : `int`
        `DONE`, `FAILED` or `MISTAKEN`; of a process that was killed minus the signal's number.
    reason : `str`, optional (default = `""`)
        What the executor knows beyond that, as that a machine was lost. What the attempt itself
        said is in the run's log.
    """

    name: str
    status: int
    reason: str = ""


class GridExecutor(Protocol):
    """
    Does attempts at runs, several at a time. `allennlp_heads.grid.attempt.attempt_run` is what it
    calls, in a fresh process, whose exit status is that function's result. It decides nothing: the
    order, repeats and what is complete are its caller's.
    """

    def check(self, run: PlannedRun) -> None:
        """Raise `ConfigurationError` for a run that would not even fit alone."""

    def fits(self, run: PlannedRun) -> bool:
        """Whether it can be started now, beside those that are going."""

    def start(self, run: PlannedRun, anew: bool) -> None:
        """
        Begin an attempt and return at once. `anew`: from scratch, what lies there put aside.
        """

    def poll(self, timeout: float) -> list[RunEnd]:
        """The attempts that have ended since the last call, at once or within so many seconds."""

    def close(self) -> None:
        """End all attempts that are still going, now, and give back what is held."""
