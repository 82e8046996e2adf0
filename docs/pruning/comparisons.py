"""Which scores stand where in the tables, and which of them are compared with which."""

from __future__ import annotations

from typing import NamedTuple

import numpy

from allennlp_heads.analysis import Comparison, holm
from docs.five_tasks import record as five_tasks
from docs.five_tasks.comparisons import ALONE, TOGETHER
from docs.pruning.plan import ALL, GATED, MAGNITUDE, PER_TASK, RANDOM, SETTINGS, SHARED
from docs.pruning.record import MASKED, STAGES, counts_of, score_of
from docs.runs.paired import paired
from docs.runs.records import TASKS, Record

BEFORE, REMOVED = "before", STAGES[-1]
COLUMNS = (BEFORE, *STAGES, RANDOM, MAGNITUDE)
AGAINST = (RANDOM, MAGNITUDE, BEFORE)
"""What the models with heads removed are compared with."""


class Row(NamedTuple):
    """One line of the table: what is trained, and whose score it is."""

    setting: str
    task: str

    @property
    def training(self) -> str:
        """In words."""
        return "alone" if self.setting in TASKS else self.setting


class Compared(NamedTuple):
    """
    Models with heads removed against others.

    # Parameters

    row : `Row`
    other : `str`
        One of `AGAINST`.
    seeds : `List[int]`
        Of both; a run is compared with that of its own seed.
    found : `Comparison`
        Positive differences speak for the models with heads removed.
    adjusted : `float`
        The p-value after Holm's correction for all comparisons of the page.
    """

    row: Row
    other: str
    seeds: list[int]
    found: Comparison
    adjusted: float


class Results:
    """
    The records of the page.

    # Parameters

    records : `Dict[str, Record]`
        Those of `docs/results/pruning`.
    before : `Dict[str, Record]`
        Those of `docs/results/five_tasks`.

    Raises `ValueError` when two records are of one run.
    """

    def __init__(self, records: dict[str, Record], before: dict[str, Record]) -> None:
        self._runs: dict[tuple[str, str], dict[int, Record]] = {}
        for name, record in records.items():
            runs = self._runs.setdefault((record["kind"], record["setting"]), {})
            if record["seed"] in runs:
                raise ValueError(f"{name}.json and another file are of the same run")
            runs[record["seed"]] = record
        for record in before.values():
            if record["system"] in (ALONE, TOGETHER):
                setting = record["tasks"][0] if record["system"] == ALONE else ALL
                self._runs.setdefault((BEFORE, setting), {})[record["seed"]] = record

    def rows(self) -> list[Row]:
        """Those of which there are runs with learned gates."""
        return [
            Row(setting, task)
            for setting in SETTINGS
            if (GATED, setting) in self._runs
            for task in ((setting,) if setting in TASKS else TASKS)
        ]

    def gated(self, setting: str) -> dict[int, Record]:
        """The runs with learned gates, by seed."""
        return dict(sorted(self._runs.get((GATED, setting), {}).items()))

    def seeds(self, row: Row, column: str) -> list[int]:
        """Of the runs of a cell."""
        return sorted(self._of(row, column))

    def scores(self, row: Row, column: str) -> list[float]:
        """The scores of a cell, by ascending seed."""
        return [self._score(record, column, row.task) for record in self._of(row, column).values()]

    def counts(self, row: Row, column: str) -> dict[int, numpy.ndarray | None]:
        """The counts of a cell by seed."""
        runs = self._of(row, column)
        if column == BEFORE:
            return {seed: five_tasks.counts_of(record, row.task) for seed, record in runs.items()}
        stage = column if column in STAGES else MASKED
        return {seed: counts_of(record, stage, row.task) for seed, record in runs.items()}

    def compared(self, rounds: int = 10_000) -> list[Compared]:
        """
        Every row's models with heads removed against each of `AGAINST`, where both have runs of the
        same seeds; Holm's correction is for all of them together. Raises `ValueError` where they
        were not scored on the same sentences.
        """
        found: list[tuple[Row, str, list[int], Comparison]] = []
        for row in self.rows():
            own = self.counts(row, REMOVED)
            for other in AGAINST:
                differ = f"{row.setting}: the gold counts of {row.task} are not those of {other}"
                both = paired(self.counts(row, other), own, differ, rounds)
                if both is not None:
                    found.append((row, other, both.seeds, both.examples))
        adjusted = holm([comparison.p_value for *_, comparison in found])
        return [Compared(*entry, p_value) for entry, p_value in zip(found, adjusted)]

    def _of(self, row: Row, column: str) -> dict[int, Record]:
        gated = self.gated(row.setting)
        if column in STAGES:
            return gated
        setting = ALL if row.setting in (SHARED, PER_TASK) else row.setting
        runs = self._runs.get((column, setting), {})
        # other seeds would make the cells of a line differ in more than their heads
        return {seed: runs[seed] for seed in gated if seed in runs}

    def _score(self, record: Record, column: str, task: str) -> float:
        if column == BEFORE:
            return five_tasks.score_of(record, task)
        return score_of(record, column if column in STAGES else MASKED, task)
