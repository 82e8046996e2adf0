"""Groups of runs that repeat each other."""

from __future__ import annotations

import json
import logging
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.overlap_runs import GateRun, read_run

logger = logging.getLogger(__name__)


@dataclass
class Group:
    """
    Runs of the same tasks and the same set of gates.

    # Parameters

    name : `str`
    runs : `List[GateRun]`
    """

    name: str
    runs: list[GateRun]

    @property
    def one_task(self) -> bool:
        """Whether the gates serve one task, rather than several at once."""
        return len(self.runs[0].tasks) < 2


def read_groups(folders: Sequence[str], names: Sequence[str] | None = None) -> list[Group]:
    """
    Read the gates of runs and group them.

    Runs of the same tasks and set of gates are repeats of each other and form a group; a run with
    gates for each task has a set, and so a group, for each. Runs whose model names no tasks
    (AllenNLP's own models) are repeats when they share their data files. Groups and their runs
    stand in the order in which they are given.

    # Parameters

    folders : `Sequence[str]`
        Of runs with `heads/gates.json`, or of pruned models with `heads/pruning.json`.
    names : `Sequence[str]`, optional (default = `None`)
        Names for the groups; the tasks' names otherwise.

    # Returns

    `List[Group]`

    Raises `ConfigurationError` when a run has no gates, its files are missing or damaged, it is
    given twice, encoders differ, or `names` does not fit.
    """
    places = Counter(os.path.realpath(folder) for folder in folders)
    twice = [folder for folder in folders if places[os.path.realpath(folder)] > 1]
    if twice:
        raise ConfigurationError(f"{' and '.join(twice)} are the same run: give each run once")
    runs = [run for folder in folders for run in read_run(folder)]
    _check_alike(runs)
    repeats: dict[Any, list[GateRun]] = {}
    for run in runs:
        data = "" if run.tasks else json.dumps(run.data or run.folder, sort_keys=True)
        repeats.setdefault((frozenset(run.trained), run.name, data), []).append(run)
    groups = _named(list(repeats.values()), names)
    for group in groups:
        _warn(group)
    return groups


def _check_alike(runs: Sequence[GateRun]) -> None:
    first = runs[0]
    for run in runs[1:]:
        if run.exists.shape != first.exists.shape:
            what = f"{_grid(first)}, {run.folder} has {_grid(run)}"
        elif (run.exists != first.exists).any():
            raise ConfigurationError(
                f"{first.folder} has gates for {int(first.exists.sum())} heads, {run.folder} for "
                f"{int(run.exists.sum())}, not all the same ones: heads that were removed before "
                "the gates were trained cannot be compared. Give runs that began with equal heads"
            )
        elif run.encoder and first.encoder and run.encoder != first.encoder:
            what = f"those of the encoder {first.encoder}, {run.folder} those of {run.encoder}"
        else:
            continue
        raise ConfigurationError(
            f"{first.folder} has {what}: heads of different encoders cannot be compared. "
            "Give runs of one encoder"
        )


def _grid(run: GateRun) -> str:
    layers, heads = run.exists.shape
    return f"{layers} x {heads} gates for {int(run.exists.sum())} heads"


def _named(repeats: Sequence[list[GateRun]], names: Sequence[str] | None) -> list[Group]:
    groups = [Group(_tasks_name(runs[0]), runs) for runs in repeats]
    for longer in (_name_with_others, _name_with_folder):
        taken = Counter(group.name for group in groups)
        groups = [
            replace(group, name=longer(group)) if taken[group.name] > 1 else group
            for group in groups
        ]
    if names is None:
        return groups
    if len(names) != len(groups) or len(set(names)) < len(names) or not all(names):
        found = ", ".join(group.name for group in groups)
        raise ConfigurationError(
            f"--names must give {len(groups)} different names, one for each group of runs, which "
            f"are: {found}"
        )
    return [replace(group, name=name) for group, name in zip(groups, names)]


def _tasks_name(run: GateRun) -> str:
    return "+".join(run.tasks) or Path(os.path.abspath(run.folder)).name


def _name_with_others(group: Group) -> str:
    trained = group.runs[0].trained
    return group.name if len(trained) < 2 else f"{group.name} of {'+'.join(trained)}"


def _name_with_folder(group: Group) -> str:
    return f"{group.name} ({group.runs[0].folder}: {group.runs[0].name})"


def _warn(group: Group) -> None:
    seeds = [run.seed for run in group.runs if run.seed is not None]
    if len(set(seeds)) < len(seeds):
        logger.warning("Runs of %s share a seed: they may be copies, no repeats", group.name)
    if len({json.dumps(run.data, sort_keys=True) for run in group.runs if run.data}) > 1:
        logger.warning("Runs of %s are of different data: is it one task?", group.name)
