"""Doing many runs, some at a time, and the options that all such commands have."""

from __future__ import annotations

import argparse
import fnmatch
import logging
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Protocol, TypeVar

from allennlp.common.checks import ConfigurationError

from docs.runs.budget import ROOT, Budget
from docs.runs.console import Failed
from docs.runs.records import Record

logger = logging.getLogger("runs")


class Named(Protocol):
    """What can be run."""

    @property
    def name(self) -> str:
        """Of the run's folder and record."""

    @property
    def experiment(self) -> str:
        """The path of its configuration in the project."""


SomeRun = TypeVar("SomeRun", bound=Named)


def add_options(parser: argparse.ArgumentParser, table: str) -> None:
    """The options of a command that makes the runs of a table."""
    default = Budget()
    parser.add_argument("--sentences", type=int, help="training sentences of each task")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--settings", default=default.settings, help="a file of lib/")
    parser.add_argument("--overlay", default=default.overlay, help="Jsonnet added to every run")
    parser.add_argument("--test-sentences", type=int, help="for trials; a table needs all")
    parser.add_argument("--seeds", type=int, nargs="+", default=[13, 14, 15])
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    parser.add_argument("--only", nargs="+", metavar="RUN", help="names out of --list; * fits any")
    parser.add_argument("--list", action="store_true", help="only name the runs")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / table)
    parser.add_argument("--results", type=Path, default=ROOT / "docs" / "results" / table)
    parser.add_argument("--hardware", default=f"{os.cpu_count()} CPU cores")


def do_all(
    runs: Sequence[SomeRun],
    given: argparse.Namespace,
    do: Callable[[SomeRun, int], bool],
    wave: Callable[[SomeRun], int] = lambda run: 0,
) -> int:
    """
    Do the runs that the command line asks for, or list them.

    # Parameters

    runs : `Sequence[Run]`
        All there are.
    given : `argparse.Namespace`
        Of `add_options`.
    do : `Callable[[Run, int], bool]`
        Does a run with a number of threads; `False` when it was done before.
    wave : `Callable[[Run], int]`, optional (default = all at once)
        Runs start when all those of lower numbers have ended.

    # Returns

    `int`
        The exit status: 1 when a run failed or `--only` names none.
    """
    wanted = given.only or ["*"]
    names = [run.name for run in runs]
    unknown = [pattern for pattern in wanted if not fnmatch.filter(names, pattern)]
    if unknown:
        sys.stderr.write(f"no run {', '.join(sorted(unknown))}: see --list\n")
        return 1
    fits = [any(fnmatch.fnmatchcase(name, pattern) for pattern in wanted) for name in names]
    runs = [run for run, fit in zip(runs, fits) if fit]
    if given.list:
        sys.stdout.write("".join(f"{run.name}\t{run.experiment}\n" for run in runs))
        return 0
    threads = max(1, (os.cpu_count() or 1) // given.jobs)

    def attempt(run: SomeRun) -> bool:
        try:
            logger.info("%s: starts", run.name)
            logger.info("%s: %s", run.name, "done" if do(run, threads) else "was done before")
            return True
        except (Failed, ConfigurationError, ValueError, RuntimeError, OSError) as error:
            logger.error("%s: %s", run.name, error)
            return False

    failed: list[str] = []
    for number in sorted({wave(run) for run in runs}):
        together = [run for run in runs if wave(run) == number]
        with ThreadPoolExecutor(given.jobs) as pool:
            failed += [run.name for run, ok in zip(together, pool.map(attempt, together)) if not ok]
    logger.info("%d runs, failed: %s", len(runs), ", ".join(failed) or "none")
    return int(bool(failed))


def is_done(path: Path, budget: Budget, read: Callable[[Path], Record]) -> bool:
    """
    Whether the record of a run exists. Raises `Failed` when it is of another budget, with which it
    would not be in one table.
    """
    if not path.is_file():
        return False
    if read(path)["budget"] != asdict(budget):
        raise Failed(f"{path} is of another budget: delete it, or give the budget it has")
    return True
