"""What the records say together: the same items by heads of several encoders."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.probing.paired_probes import ProbeComparison, compare_probes
from allennlp_heads.analysis.probing.result import ProbeResult
from allennlp_heads.reports.probing.files import read_probe
from docs.probes.plan import MTL, PAIR, STATIC, STL
from docs.probes.record import PROBES, read_records
from docs.runs.records import TASKS, Record

Groups = dict[str, list[ProbeResult]]
"""Probes of one task by system, one a seed."""


class Both(NamedTuple):
    """
    The same encoders probed both ways.

    # Parameters

    held_out, transductive : `List[ProbeResult]`
        One a seed, in the same order.
    """

    held_out: list[ProbeResult]
    transductive: list[ProbeResult]

    def gap(self, way: str) -> float:
        """How much higher the transductive accuracy is, the mean over seeds."""
        pairs = zip(self.held_out, self.transductive, strict=True)
        gaps = [two.overall[way].accuracy - one.overall[way].accuracy for one, two in pairs]
        return float(numpy.mean(gaps))


class Results:
    """
    The records of the page.

    # Parameters

    folder : `Path`
        Of the records.
    rounds : `int`, optional (default = `5000`)
        Of the tests and the bootstrap.

    Raises `ValueError` for a record that is wrong, when two are of one run, and when they differ in
    budget.
    """

    def __init__(self, folder: Path, rounds: int = 5_000) -> None:
        self.records = read_records(folder)
        self.rounds = rounds
        budgets = {json.dumps(record["budget"], sort_keys=True) for record in self.records.values()}
        if len(budgets) > 1:
            raise ValueError(f"the records in {folder} differ in budget: run some of them again")
        self._probes: dict[tuple[str, str, bool], dict[int | None, ProbeResult]] = {}
        for name, record in sorted(self.records.items(), key=lambda item: item[1]["seed"] or 0):
            self._add(folder / PROBES / name, record)
        self.tasks = [task for task in TASKS if self.groups(task)]
        self.compared = cache(self._compared)

    @property
    def systems(self) -> list[str]:
        """Those of the tables that any task has, in their order."""
        found = {name for task in self.tasks for name in self.groups(task)}
        return [name for name in (STATIC, STL, MTL) if name in found]

    def groups(self, task: str, pairs: bool = False) -> Groups:
        """
        The systems that have held-out probes of a task, in the order of the tables; with `pairs`
        also those of two tasks, called by the other one.
        """
        others = [f"+ {other.upper()}" for other in TASKS] if pairs else []
        wanted = [STATIC, STL, *others, MTL]
        found = {name: self._probes.get((name, task, True), {}) for name in wanted}
        return {name: list(runs.values()) for name, runs in found.items() if runs}

    def both(self, task: str) -> dict[str, Both]:
        """The systems of a task that were probed both ways, with the seeds of both."""
        found = {}
        for name in self.groups(task):
            held_out, transductive = (
                self._probes.get((name, task, way), {}) for way in (True, False)
            )
            seeds = [seed for seed in held_out if seed in transductive]
            if seeds:
                found[name] = Both(
                    [held_out[seed] for seed in seeds], [transductive[seed] for seed in seeds]
                )
        return found

    def _compared(self, task: str) -> ProbeComparison | None:
        """
        Every system against the task alone; `None` where it was not trained alone. Raises
        `ValueError` where they were not scored on the same items.
        """
        groups = self.groups(task, pairs=True)
        return compare_probes(groups, STL, self.rounds) if STL in groups else None

    def _add(self, folder: Path, record: Record) -> None:
        try:
            probes = read_probe(folder)
        except ConfigurationError as error:
            raise ValueError(str(error)) from error
        missing = sorted(set(record["tasks"]) - probes.keys())
        if missing:
            raise ValueError(f"{folder} has no probe of {', '.join(missing)}")
        for task in record["tasks"]:
            key = (_group(record, task), task, record["held_out"])
            runs = self._probes.setdefault(key, {})
            if record["seed"] in runs:
                raise ValueError(f"{folder.name}.json and another file are of the same run")
            runs[record["seed"]] = probes[task]


def _group(record: Record, task: str) -> str:
    if record["system"] != PAIR:
        return str(record["system"])
    (other,) = [name for name in record["tasks"] if name != task]
    return f"+ {other.upper()}"
