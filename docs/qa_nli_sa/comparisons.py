"""What the records say together: every setting against the task alone."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy

from allennlp_heads.analysis import SeedBySeed, holm
from allennlp_heads.analysis.measures import measure_of
from docs.qa_nli_sa.names import settings_of
from docs.qa_nli_sa.plan import SETTINGS, TASKS, UNTRAINED, half_of
from docs.qa_nli_sa.record import (
    counts_of,
    floor_of,
    measures_of,
    read_records,
    score_of,
)
from docs.runs.paired import paired
from docs.runs.records import Record


class Compared(NamedTuple):
    """
    A setting against the task alone.

    # Parameters

    task, measure : `str`
    setting, against : `str`
        `against` is the task alone, with all updates or half of them.
    found : `SeedBySeed`
        Positive differences speak for `setting`.
    adjusted : `float`
        The p-value over examples after Holm's correction for all of these comparisons.
    """

    task: str
    measure: str
    setting: str
    against: str
    found: SeedBySeed
    adjusted: float


class Results:
    """
    The records of the page.

    # Parameters

    folder : `Path`
        Of the records.
    rounds : `int`, optional (default = `10000`)
        Of the bootstrap and of the tests.

    Raises `ValueError` for a record that is wrong, when two are of one run, and when they differ in
    encoder, budget, data or metrics.
    """

    def __init__(self, folder: Path, rounds: int = 10_000) -> None:
        self.records = read_records(folder)
        self.rounds = rounds
        self._runs: dict[str, dict[int, Record]] = {}
        self.metrics: dict[str, str] = {}
        data: dict[str, str] = {}
        encoder: dict[str, str] = {}
        for name, record in sorted(self.records.items(), key=lambda item: item[1]["seed"]):
            runs = self._runs.setdefault(record["setting"], {})
            if record["seed"] in runs:
                raise ValueError(f"{name}.json and another file are of the same run")
            runs[record["seed"]] = record
            for known, given in (
                (encoder, {"encoder": record["encoder"]}),
                (data, record["data"]),
                (self.metrics, record["metric"]),
            ):
                for key, value in given.items():
                    if known.setdefault(key, value) != value:
                        raise ValueError(f"{name}.json has another {key} than other records")
        budgets = {json.dumps(record["budget"], sort_keys=True) for record in self.records.values()}
        if len(budgets) > 1:
            raise ValueError(f"the records in {folder} differ in budget: run some of them again")

    def runs(self, setting: str) -> dict[int, Record]:
        """By ascending seed."""
        return self._runs.get(setting, {})

    @property
    def tasks(self) -> list[str]:
        """Those that some record trained."""
        return [task for task in TASKS if task in self.metrics]

    def measures(self, task: str) -> tuple[str, ...]:
        """That a task is scored by."""
        return measures_of(self.metrics[task])

    def scores(self, task: str, setting: str, measure: str) -> list[float]:
        """Of all seeds."""
        return [score_of(run, task, measure) for run in self.runs(setting).values()]

    def counts(self, task: str, setting: str) -> dict[int, numpy.ndarray]:
        """`[examples, K]` by seed."""
        return {seed: counts_of(run, task) for seed, run in self.runs(setting).items()}

    def missing(self) -> list[str]:
        """Settings without any record."""
        return [setting for setting in SETTINGS if not self.runs(setting)]

    def floor(self, task: str) -> dict[str, numpy.ndarray]:
        """The counts of answers that look at nothing, which are the same in every record."""
        records = self.runs(UNTRAINED).values()
        return next((floor_of(record, task) for record in records), {})

    @cached_property
    def compared(self) -> list[Compared]:
        """
        Every setting against the task alone, with all updates and with half of them. Raises
        `ValueError` where they were not scored on the same examples.
        """
        found = [
            (task, measure, setting, against, both)
            for task in self.tasks
            for measure in self.measures(task)
            for against in (task, half_of(task))
            for setting in settings_of(task)
            # half the updates are compared with all of them once
            if setting not in (task, against)
            and (both := self.against(task, measure, setting, against)) is not None
        ]
        adjusted = holm([both.examples.p_value for *_, both in found]) if found else []
        return [Compared(*entry, p_value) for entry, p_value in zip(found, adjusted)]

    def against(self, task: str, measure: str, setting: str, other: str) -> SeedBySeed | None:
        """A setting against another on the seeds of both; `None` where they have none in common."""
        first, second = self.counts(task, other), self.counts(task, setting)
        return self._compared(task, measure, first, second, f"{setting} and {other}")

    def above(self, task: str, measure: str, setting: str, floor: str) -> SeedBySeed | None:
        """A setting against answers that look at nothing."""
        own = self.counts(task, setting)
        counts = self.floor(task)[floor]
        return self._compared(task, measure, dict.fromkeys(own, counts), own, setting)

    def _compared(
        self,
        task: str,
        measure: str,
        first: dict[int, numpy.ndarray],
        second: dict[int, numpy.ndarray],
        names: str,
    ) -> SeedBySeed | None:
        differ = f"{names}: {task} was scored on other examples"
        return paired(first, second, differ, self.rounds, measure_of(measure))
