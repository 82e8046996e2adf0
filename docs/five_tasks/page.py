"""The part of `docs/results.md` about the five tasks."""

from __future__ import annotations

import json
from pathlib import Path

from docs.five_tasks.comparisons import (
    ALONE,
    TOGETHER,
    Cells,
    Compared,
    cells_of,
    compared,
    is_ours,
    rows_of,
)
from docs.five_tasks.record import TASKS, Record, read_records, score_of
from docs.runs import paired
from docs.runs.tables import markdown, origin, spread

_OURS = (ALONE, "pair", TOGETHER)
_LEVEL = 0.05

_READING = """Scores of the main metric on the test sentences, by the epoch that is best on the
development data; mean +- standard deviation over seeds, a single number where there was one seed.
Row `+ NER`, column POS: the score of POS when trained together with NER. Every training sees about
as many sentences of each of its tasks; an encoder that tasks share is thus updated more often."""

_OTHERS = """Other systems against the task alone, tested in the same way. They train on the same
sentences, but without word dropout, in single precision, and with heads and losses of their own:"""

_TESTS = """Each training against the task alone, on the same {sentences} test sentences, between
runs of the same seeds. The p-value is of approximate randomisation (10,000 exchanges, two-sided),
beside it stands that after Holm's correction for all {number} comparisons; the interval is of the
paired bootstrap. Both take the trained models as given; the last column shows what seeds change.
"""


def section(folder: Path, picture: str) -> list[str]:
    """
    The lines of the section.

    # Parameters

    folder : `Path`
        Of the records.
    picture : `str`
        Link to the picture.

    Raises `ValueError` that names the file of a record that is wrong.
    """
    records = read_records(folder)
    _check_budget(records)
    cells = cells_of(records)
    lines = ["## Five tasks alone, in pairs and all together", "", _READING, ""]
    lines += [*_table(cells), ""]
    lines += [f"![the same scores as dots, one a run]({picture})", ""]
    ours = [row for row in rows_of(cells) if is_ours(row)]
    others = [row for row in rows_of(cells) if not is_ours(row)]
    lines += [*_tests(compared(cells, ours), records), ""]
    if foreign := compared(cells, others):
        lines += [_OTHERS, ""]
        lines += [*_table_of_tests(foreign), ""]
    return [*lines, *_origin(records)]


def _table(cells: Cells) -> list[str]:
    header = ["training", *(_title(cells, task) for task in TASKS)]
    rows = [[row, *(_cell(cells, row, task) for task in TASKS)] for row in rows_of(cells)]
    return markdown([header, *rows])


def _title(cells: Cells, task: str) -> str:
    metrics = {
        record["metric"][task]
        for (_, found), runs in cells.items()
        if found == task
        for record in runs.values()
    }
    return " ".join([task.upper(), *sorted(metrics)]).replace("f1", "F1")


def _cell(cells: Cells, row: str, task: str) -> str:
    scores = [score_of(record, task) for record in cells.get((row, task), {}).values()]
    return spread(scores)


def _tests(rows: list[Compared], records: dict[str, Record]) -> list[str]:
    if not rows:
        return ["No two runs of one seed have counts of the same test sentences: no paired test."]
    sentences = {
        len(counts["gold"])
        for record in records.values()
        for counts in record.get("counts", {}).values()
    }
    lines = _TESTS.format(
        sentences=" or ".join(f"{number:,}" for number in sorted(sentences)), number=len(rows)
    )
    better = sum(row.adjusted < _LEVEL and row.found.difference > 0 for row in rows)
    worse = sum(row.adjusted < _LEVEL and row.found.difference < 0 for row in rows)
    verdict = (
        f"At the level {_LEVEL} after correction, {better} of {len(rows)} are better than the task "
        f"alone, {worse} are worse, and {len(rows) - better - worse} do not differ provably."
    )
    return [lines, *_table_of_tests(rows), "", verdict]


def _table_of_tests(rows: list[Compared]) -> list[str]:
    header = ["task", "training", "minus STL", "95 % interval", "p", "p (Holm)", "by seed"]
    table = [[row.task.upper(), row.row, *paired.cells(row.found, row.adjusted)] for row in rows]
    return markdown([header, *table])


def _origin(records: dict[str, Record]) -> list[str]:
    """How the records came about: minutes, budget, machine, versions, commands."""
    groups: dict[str, list[Record]] = {}
    for record in records.values():
        groups.setdefault(record["system"], []).append(record)
    total = sum(record["minutes"] for record in records.values())
    lines = [f"- all {len(records)} runs: {total:.1f} minutes of training and test"]
    for system in [*(name for name in _OURS if name in groups), *sorted(set(groups) - {*_OURS})]:
        runs = groups[system]
        minutes = sum(record["minutes"] for record in runs)
        seeds = ", ".join(str(seed) for seed in sorted({record["seed"] for record in runs}))
        models = sorted({f"`{record['model']}`" for record in runs if "model" in record})
        what = f" ({', '.join(models)})" if models else ""
        resumed = sum(bool(record.get("resumed")) for record in runs)
        cut = f"; {resumed} of the runs were cut off, their first part is not counted"
        number = f"{len(runs)} run{'s' if len(runs) > 1 else ''}"
        lines.append(
            f"- {system}{what}: {number}, seeds {seeds}, {minutes:.1f} minutes"
            f"{cut if resumed else ''}"
        )
    return [*lines, *origin(records.values())]


def _check_budget(records: dict[str, Record]) -> None:
    """The three ways of training are only compared at one budget."""
    first: dict[str, str] = {}
    for name, record in records.items():
        if record["system"] in _OURS:
            first.setdefault(json.dumps(record["budget"], sort_keys=True), name)
    if len(first) > 1:
        files = " and ".join(f"{name}.json" for name in first.values())
        raise ValueError(f"{files} differ in budget: run those of one of them again")
