"""What the records say together: what masks leave, and trainings against each other."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis import Comparison, holm
from allennlp_heads.analysis.dissociation_intervals import resampled
from allennlp_heads.analysis.measures import measure_of
from allennlp_heads.reports.dissociation import read_dissociation
from allennlp_heads.reports.dissociation_data import DissociationData, joined
from allennlp_heads.reports.dissociation_results import Options, Result, results
from docs.runs.paired import paired
from docs.runs.records import Record
from docs.specialization.plan import (
    ALL,
    ALPHA,
    BOTTOM,
    CONTROLS,
    FIVE,
    IMPORTANT,
    RANDOM,
    START,
    TRAINED,
)
from docs.specialization.record import MASKS, counts_of, read_records

AGAINST = (ALL, RANDOM, BOTTOM, FIVE)
"""What training the important heads is compared with."""


class Masked(NamedTuple):
    """
    What masks leave of one setting, over its seeds.

    # Parameters

    seeds : `List[int]`
        Of the runs, ascending.
    data : `DissociationData`
        Of all of them.
    results : `List[Result]`
        One a share of masked heads.
    unsure : `Dict[str, Tuple[float, float]]`
        The tasks to whose score with all heads nothing should be related: its 95 % interval begins
        below half of it -> this interval.
    """

    seeds: list[int]
    data: DissociationData
    results: list[Result]
    unsure: dict[str, tuple[float, float]]

    @property
    def standard(self) -> Result:
        """Of the share of tables and tests."""
        return next(found for found in self.results if found.alpha == ALPHA)


class Compared(NamedTuple):
    """
    Training the important heads against something else.

    # Parameters

    task, other : `str`
        `other` is one of `AGAINST`.
    seeds : `List[int]`
        Of both; a run is compared with that of its own seed.
    found : `Comparison`
        Positive differences speak for training the important heads.
    adjusted : `float`
        The p-value after Holm's correction for all of these comparisons.
    """

    task: str
    other: str
    seeds: list[int]
    found: Comparison
    adjusted: float


class Tested(NamedTuple):
    """
    Random masks against the mask of a task's own heads.

    # Parameters

    setting, task : `str`
    found : `Comparison`
        Positive differences: the task loses more under its own mask. Runs are seeds by draws.
    adjusted : `float`
        The p-value after Holm's correction for all of these comparisons.
    """

    setting: str
    task: str
    found: Comparison
    adjusted: float


class Results:
    """
    The records of the page.

    # Parameters

    folder : `Path`
        Of the records.
    rounds : `int`, optional (default = `5000`)
        Of the bootstrap and of the tests.

    Raises `ValueError` for a record that is wrong, when two are of one run, and when they differ in
    budget.
    """

    def __init__(self, folder: Path, rounds: int = 5_000) -> None:
        self.records = read_records(folder)
        self._folder = folder
        self.rounds = rounds
        self._runs: dict[tuple[str, float, float], dict[int, Record]] = {}
        for name, record in sorted(self.records.items(), key=lambda item: item[1]["seed"]):
            alpha, start = (
                usual if record[key] is None else record[key]
                for key, usual in (("alpha", ALPHA), ("start", START))
            )
            runs = self._runs.setdefault((record["setting"], alpha, start), {})
            if record["seed"] in runs:
                raise ValueError(f"{name}.json and another file are of the same run")
            runs[record["seed"]] = {**record, "name": name}
        budgets = {json.dumps(record["budget"], sort_keys=True) for record in self.records.values()}
        if len(budgets) > 1:
            raise ValueError(f"the records in {folder} differ in budget: run some of them again")
        self.masked = cache(self._masked)

    def runs(self, setting: str, alpha: float = ALPHA, start: float = START) -> dict[int, Record]:
        """By ascending seed."""
        return self._runs.get((setting, alpha, start), {})

    def scored(self, setting: str, alpha: float = ALPHA, start: float = START) -> dict[int, Record]:
        """The runs whose archive was scored on all development examples."""
        runs = self.runs(setting, alpha, start).items()
        return {seed: run for seed, run in runs if run["scored"] is not None}

    def branches(self) -> list[str]:
        """What there is of the archive and of the trainings that go on from it, in their order."""
        return [setting for setting in (FIVE, *CONTROLS) if self.scored(setting)]

    def sweep(self) -> list[tuple[float, float]]:
        """Alpha and start of all trainings of important heads."""
        return sorted(
            (alpha, start) for setting, alpha, start in self._runs if setting == IMPORTANT
        )

    def compared(self) -> list[Compared]:
        """
        Training the important heads against each of `AGAINST`, task by task, between runs of the
        same seeds. Raises `ValueError` where they were not scored on the same examples.
        """
        found: list[tuple[str, str, list[int], Comparison]] = []
        own = self.scored(IMPORTANT)
        metrics = next(iter(own.values()))["metric"] if own else {}
        for other in AGAINST:
            theirs = self.scored(other)
            for task, metric in metrics.items():
                differ = f"{other}: the gold counts of {task} are not those of {IMPORTANT}"
                first, second = (
                    {seed: counts_of(run, task) for seed, run in runs.items()}
                    for runs in (theirs, own)
                )
                both = paired(first, second, differ, self.rounds, measure_of(metric))
                if both is not None:
                    found.append((task, other, both.seeds, both.examples))
        adjusted = holm([comparison.p_value for *_, comparison in found])
        return [Compared(*entry, p_value) for entry, p_value in zip(found, adjusted)]

    def tested(self) -> list[Tested]:
        """Every task of the trainings from the pretrained encoder, masked by the standard share."""
        found = [
            (setting, task, comparison)
            for setting in TRAINED
            if (masked := self.masked(setting)) is not None
            for task, comparison in masked.standard.tests.items()
        ]
        adjusted = holm([comparison.p_value for *_, comparison in found])
        return [Tested(*entry, p_value) for entry, p_value in zip(found, adjusted)]

    def _masked(self, setting: str) -> Masked | None:
        """What masks leave of a setting; `None` where no head was masked."""
        runs = {seed: run for seed, run in self.runs(setting).items() if run["masked"]}
        if not runs:
            return None
        try:
            read = [read_dissociation(self._folder / MASKS / run["name"]) for run in runs.values()]
            data = joined([found for found, _ in read])
        except ConfigurationError as error:
            raise ValueError(str(error)) from error
        return Masked(
            list(runs), data, results(data, Options(self.rounds)), _unsure(data, self.rounds)
        )


def _unsure(data: DissociationData, rounds: int) -> dict[str, tuple[float, float]]:
    found = {}
    for place, (task, counts) in enumerate(data.counts(0).items()):
        drawn = resampled(counts.base, counts.measure, rounds, [1, place]).mean(axis=1)
        lower, upper = numpy.quantile(drawn, [0.025, 0.975])
        if lower < counts.measure.of_examples(counts.base).mean() / 2 or upper <= 0:
            found[task] = (float(lower), float(upper))
    return found
