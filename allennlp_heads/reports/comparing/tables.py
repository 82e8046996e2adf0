"""The tables of a comparison: Markdown and LaTeX for people, CSV for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from allennlp_heads.reports.comparing.legend import settings_table
from allennlp_heads.reports.comparing.results import LEVEL, Against, Cell, TaskTable
from allennlp_heads.reports.comparing.rows import rows_of
from allennlp_heads.reports.comparing.settings import Setting
from allennlp_heads.reports.comparing.spent import Spent
from allennlp_heads.reports.markup import (
    LATEX,
    MARKDOWN,
    Marks,
    latex_rows,
    markdown_rows,
    p_number,
    percent,
)

_DIGITS = 2
_ABOUT = ("task", "metric", "examples", "setting", "reference", "seeds", "mean", "std")
_TESTED = (
    *("tested_seeds", "difference", "low", "high", "p_value", "p_value_holm"),
    *("p_over_seeds", "p_over_seeds_holm", "least_over_seeds"),
)
_SPENT = ("updates", "batches", "examples_trained", "examples_trained_all_tasks")


def csv_table(tables: Sequence[TaskTable]) -> str:
    """A row for each task and setting: shares from 0 to 1, what is not known empty."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*_ABOUT, *_TESTED, *_SPENT])
    for table in tables:
        for cell in table.cells:
            names = (table.task, table.metric, cell.setting, table.reference or "")
            task, metric, setting, reference = map(_one_line, names)
            about = [task, metric, table.examples, setting, reference]
            own = [_seeds(cell.seeds), *_numbers(cell.mean, cell.std)]
            budget = cell.budget or [None] * len(_SPENT)
            writer.writerow([*about, *own, *_tested(cell), *_numbers(*budget)])
    return file.getvalue()


def markdown_tables(
    tables: Sequence[TaskTable], settings: Sequence[Setting], notes: Sequence[str]
) -> str:
    """
    What the settings are, what all of them reach in all tasks, then task by task the tests and
    budgets.
    """
    lines = ["# Runs compared", "", _legend(tables, MARKDOWN), ""]
    lines += [f"- {MARKDOWN.text(note)}" for note in notes]
    lines += [""] if notes else []
    lines += [*markdown_rows(*settings_table(settings, MARKDOWN)), ""]
    if len(tables) > 1:
        lines += [*markdown_rows(*_overview(tables, MARKDOWN)), ""]
    for table in tables:
        lines += [f"## {MARKDOWN.text(_title(table))}", ""]
        lines += [*markdown_rows(*_detail(table, MARKDOWN)), ""]
    return "\n".join(lines)


def latex_tables(
    tables: Sequence[TaskTable], settings: Sequence[Setting], notes: Sequence[str]
) -> str:
    """The same as `tabular`s."""
    lines = [f"% {_one_line(text)}" for text in (_legend(tables, LATEX), *notes)]
    lines += ["", *latex_rows(*settings_table(settings, LATEX))]
    if len(tables) > 1:
        lines += ["", *latex_rows(*_overview(tables, LATEX))]
    for table in tables:
        lines += ["", f"% {_one_line(_title(table))}", *latex_rows(*_detail(table, LATEX))]
    return "\n".join([*lines, ""])


def score_text(cell: Cell, plus_minus: str = "±") -> str:
    """Mean, and standard deviation where there is one."""
    mean = percent(cell.mean, digits=_DIGITS)
    return mean if cell.std is None else f"{mean} {plus_minus} {percent(cell.std, digits=_DIGITS)}"


def signed(share: float) -> str:
    """A difference, times 100."""
    return f"{100 * share:+.{_DIGITS}f}"


def _overview(tables: Sequence[TaskTable], marks: Marks) -> tuple[list[str], list[list[str]]]:
    names = ["trained", *(f"{marks.text(t.task)}, {marks.text(t.metric)}" for t in tables)]
    rows = []
    for row, cells in rows_of(tables).items():
        found = [cells.get(table.task) for table in tables]
        texts = [marks.undefined if cell is None else _starred(cell, marks) for cell in found]
        rows.append([marks.text(row), *texts])
    return names, rows


def _starred(cell: Cell, marks: Marks) -> str:
    sure = cell.against is not None and cell.against.adjusted < LEVEL
    return score_text(cell, marks.plus_minus) + marks.star * sure


def _detail(table: TaskTable, marks: Marks) -> tuple[list[str], list[list[str]]]:
    tested: list[str] = []
    if table.reference is not None:
        tested = [f"{marks.minus} {marks.text(table.reference)}", f"95 {marks.percent} interval"]
        tested += ["p", "p (Holm)", "p over seeds (least)"]
    spent = ["updates", f"examples of {marks.text(table.task)}", "of all tasks"]
    rows = [
        [
            *(marks.text(cell.setting), str(len(cell.seeds)), score_text(cell, marks.plus_minus)),
            *(_tests(cell.against, marks) if tested else ()),
            *_spent(cell.budget, marks),
        ]
        for cell in table.cells
    ]
    return ["trained", "seeds", marks.text(table.metric), *tested, *spent], rows


def _tests(against: Against | None, marks: Marks) -> list[str]:
    if against is None:
        return [marks.undefined] * 5
    star = marks.star if against.adjusted < LEVEL else ""
    seeds = marks.undefined
    if against.p_over_seeds is not None:
        seeds = f"{against.p_over_seeds:.3g} ({against.least_over_seeds:.3g})"
    return [
        f"{signed(against.difference)}{star}",
        f"{signed(against.low)} to {signed(against.high)}",
        *(marks.text(p_number(value)) for value in (against.p_value, against.adjusted)),
        seeds,
    ]


def _spent(budget: Spent | None, marks: Marks) -> list[str]:
    if budget is None:
        return [marks.undefined] * 3
    return [f"{n:,.0f}" for n in (budget.updates, budget.examples, budget.all_examples)]


def _title(table: TaskTable) -> str:
    file = f" of {table.path}" if table.path else ""
    return f"{table.task}: {table.examples:,} examples{file}"


def _legend(tables: Sequence[TaskTable], marks: Marks) -> str:
    number = sum(cell.against is not None for table in tables for cell in table.cells)
    return (
        f"Scores times 100: mean {marks.plus_minus} standard deviation over seeds. Differences are "
        "of runs of the same seeds; their interval is of the paired bootstrap over examples, p of "
        "approximate randomisation of examples, then after Holm's correction for all "
        f"{number} comparisons ({marks.star}: below {LEVEL}). These hold the trained models fixed; "
        "p over seeds is of the exact signed-rank test over seeds, uncorrected, in brackets the "
        "smallest that so many seeds can give. Updates and examples are those of whole trainings, "
        "an example counted each time."
    )


def _tested(cell: Cell) -> list[str]:
    test = cell.against
    if test is None:
        return [""] * len(_TESTED)
    numbers = (test.difference, test.low, test.high, test.p_value, test.adjusted)
    over_seeds = (test.p_over_seeds, test.adjusted_over_seeds, test.least_over_seeds)
    return [_seeds(test.seeds), *_numbers(*numbers, *over_seeds)]


def _numbers(*values: float | None) -> list[str]:
    return ["" if value is None else f"{value:.10g}" for value in values]


def _seeds(seeds: Sequence[int]) -> str:
    return " ".join(map(str, seeds))


def _one_line(text: str) -> str:
    return " ".join(text.split())
