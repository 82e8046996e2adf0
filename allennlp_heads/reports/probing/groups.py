"""Probes of several runs, in groups that repeat each other."""

from __future__ import annotations

import logging
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.probing import ProbeResult
from allennlp_heads.reports.files import read_report
from allennlp_heads.reports.probing.files import SCHEMA, VERSION, probe_file, read_probe

logger = logging.getLogger(__name__)

STATIC = "static"
"""Name of encoders without training."""

_NAMED = re.compile(r"([^=/\\]+)=(.*)", re.DOTALL)


@dataclass(frozen=True, eq=False)
class ProbeRun:
    """
    What `write_probe` wrote of one encoder.

    # Parameters

    folder : `str`
        As given.
    trained_tasks : `Tuple[str, ...]`
        What the encoder was trained for.
    seed : `int`, optional
        Of its training.
    results : `Mapping[str, ProbeResult]`
        By task.
    """

    folder: str
    trained_tasks: tuple[str, ...]
    seed: int | None
    results: Mapping[str, ProbeResult]

    @property
    def name(self) -> str:
        """By what it was trained for."""
        return "+".join(self.trained_tasks) or STATIC


def read_groups(arguments: Sequence[str]) -> dict[str, list[ProbeRun]]:
    """
    Read the probes of runs and group them.

    # Parameters

    arguments : `Sequence[str]`
        Each `NAME=RUN,RUN` with the runs of a group, or a `RUN` by itself. Such runs form groups by
        the tasks that they were trained for, and have their names: `pos+dep`, or `static`. A run is
        a folder with `probe.json` or `heads/probe.json`.

    # Returns

    `Dict[str, List[ProbeRun]]`
        By name, in the order in which the groups are first given.

    Raises `ConfigurationError` for a run without probes, runs and groups that are given twice, and
    empty ones.
    """
    groups: dict[str, list[ProbeRun]] = {}
    named: set[str] = set()
    for argument in arguments:
        name, folders = _parts(argument)
        if name in named:
            raise ConfigurationError(
                f"the group '{name}' is given twice: write all its runs together, as in "
                f"{name}=RUN,RUN"
            )
        if name is not None:
            named.add(name)
        for folder in folders:
            run = _read(folder)
            groups.setdefault(name or run.name, []).append(run)
    places = Counter(os.path.realpath(run.folder) for runs in groups.values() for run in runs)
    for runs in groups.values():
        for run in runs:
            if places[os.path.realpath(run.folder)] > 1:
                raise ConfigurationError(f"{run.folder} is given twice: give each run once")
    _warn_of_copies(groups)
    return groups


def results_of(
    groups: Mapping[str, Sequence[ProbeRun]], reference: str, tasks: Sequence[str] | None = None
) -> dict[str, dict[str, list[ProbeResult]]]:
    """
    What can be compared: by task, the results of each group that has some.

    # Parameters

    groups : `Mapping[str, Sequence[ProbeRun]]`
    reference : `str`
        The group that all others are compared with.
    tasks : `Sequence[str]`, optional (default = `None`)
        By default all that the reference and one more group were probed for.

    Raises `ConfigurationError` where there is no such group, or nothing to compare it with.
    """
    if len(groups) < 2:
        raise ConfigurationError(
            f"there is only the group '{', '.join(groups)}': give two groups to compare, as in "
            "static=RUN trained=RUN,RUN"
        )
    if reference not in groups:
        raise ConfigurationError(
            f"--reference: there is no group '{reference}': the groups are {', '.join(groups)}"
        )
    found = {}
    for task in tasks or sorted({task for run in groups[reference] for task in run.results}):
        results = {
            name: [run.results[task] for run in runs if task in run.results]
            for name, runs in groups.items()
        }
        results = {name: probes for name, probes in results.items() if probes}
        if reference in results and len(results) > 1:
            found[task] = results
        elif tasks:
            raise ConfigurationError(
                f"the task '{task}' was probed in {', '.join(results) or 'no group'}: to compare, "
                f"'{reference}' and another group must have probes of it"
            )
    if not found:
        raise ConfigurationError(
            f"'{reference}' has probes of no task that another group has: "
            + "; ".join(f"{name} of {', '.join(_tasks(runs))}" for name, runs in groups.items())
        )
    return found


def _parts(argument: str) -> tuple[str | None, list[str]]:
    """The name of a group, if there is one, and its runs."""
    found = None if Path(argument).exists() else _NAMED.fullmatch(argument)
    if found is None:
        return None, [argument]
    folders = found[2].split(",")
    if not all(map(str.strip, folders)):
        raise ConfigurationError(
            f"{argument} names {'an empty' if any(folders) else 'no'} run: write NAME=RUN or "
            "NAME=RUN,RUN"
        )
    return found[1], folders


def _read(folder: str) -> ProbeRun:
    path = probe_file(folder)
    if not path.is_file():
        raise ConfigurationError(
            f"{folder}: there are no probes of a run (probe.json, or heads/probe.json). Write them "
            "with 'allennlp heads probe', or train with the callback 'head_probe'"
        )
    report = read_report(path, SCHEMA, VERSION)
    trained = tuple(report.get("trained_tasks") or ())
    return ProbeRun(folder, trained, report["seed"], read_probe(path))


def _tasks(runs: Sequence[ProbeRun]) -> list[str]:
    return sorted({task for run in runs for task in run.results})


def _warn_of_copies(groups: Mapping[str, Sequence[ProbeRun]]) -> None:
    for name, runs in groups.items():
        seen = Counter((run.trained_tasks, run.seed) for run in runs if run.seed is not None)
        if any(number > 1 for number in seen.values()):
            logger.warning("Runs of %s share a seed: they may be copies, no repeats", name)
