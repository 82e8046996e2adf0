"""Which scores stand where in the table, and which of them are compared with which."""

from __future__ import annotations

from typing import NamedTuple

import numpy

from allennlp_heads.analysis import Comparison, holm
from docs.five_tasks.record import TASKS, Record, counts_of
from docs.runs.paired import paired

ALONE, TOGETHER = "STL", "MTL-5"

Cells = dict[tuple[str, str], dict[int, Record]]
"""(row of the table, task) -> seed -> record."""


class Compared(NamedTuple):
    """
    A training against the task alone.

    # Parameters

    task, row : `str`
    seeds : `List[int]`
        Of both; a run is compared with that of its own seed.
    found : `Comparison`
        Positive differences speak for `row`.
    adjusted : `float`
        The p-value after Holm's correction for all comparisons of one table.
    """

    task: str
    row: str
    seeds: list[int]
    found: Comparison
    adjusted: float


def row_of(record: Record, task: str) -> str:
    """The row in which a record gives the score of a task."""
    if record["system"] != "pair":
        return str(record["system"])
    (partner,) = set(record["tasks"]) - {task}
    return f"+ {partner.upper()}"


def cells_of(records: dict[str, Record]) -> Cells:
    """Every cell of the table. Raises `ValueError` when two records are of one run."""
    cells: Cells = {}
    names: dict[tuple[str, str, int], str] = {}
    for name, record in records.items():
        for task in record["tasks"]:
            row, seed = row_of(record, task), record["seed"]
            other = names.setdefault((row, task, seed), name)
            if other != name:
                raise ValueError(f"{name}.json and {other}.json are both {row}, {task}, {seed}")
            cells.setdefault((row, task), {})[seed] = record
    return cells


def rows_of(cells: Cells) -> list[str]:
    """The rows in their order: alone, pairs, all together, then other systems."""
    pairs = [f"+ {task.upper()}" for task in TASKS]
    found = {row for row, _ in cells}
    ours = [row for row in (ALONE, *pairs, TOGETHER) if row in found]
    return [*ours, *sorted(found - set(ours))]


def is_ours(row: str) -> bool:
    """Whether a row is a training of this project, not of another system."""
    return row in (ALONE, TOGETHER) or row.startswith("+ ")


def compared(cells: Cells, rows: list[str], rounds: int = 10_000) -> list[Compared]:
    """
    The trainings of these rows against the task alone, where both have counts of the same seeds;
    Holm's correction is for all of them together. Raises `ValueError` when their gold differs, that
    is where they were not scored on the same sentences.
    """
    found: list[tuple[str, str, list[int], Comparison]] = []
    for task in TASKS:
        alone = _counts(cells, ALONE, task)
        for row in (name for name in rows if name != ALONE):
            differ = f"{row}: the gold counts of {task} are not those of {ALONE}"
            both = paired(alone, _counts(cells, row, task), differ, rounds)
            if both is not None:
                found.append((task, row, both.seeds, both.examples))
    adjusted = holm([comparison.p_value for *_, comparison in found])
    return [Compared(*entry, p_value) for entry, p_value in zip(found, adjusted)]


def _counts(cells: Cells, row: str, task: str) -> dict[int, numpy.ndarray | None]:
    return {seed: counts_of(record, task) for seed, record in cells.get((row, task), {}).items()}
