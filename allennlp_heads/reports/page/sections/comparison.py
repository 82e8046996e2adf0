"""What `allennlp heads compare` wrote: scores of settings, task by task, with their tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from allennlp_heads.reports.comparing.results import LEVEL
from allennlp_heads.reports.markup import plural
from allennlp_heads.reports.page.blocks import Block, Chart, Section, Table, Text
from allennlp_heads.reports.page.cells import (
    UNDEFINED,
    interval,
    number,
    p_cell,
    spread,
    times_100,
)
from allennlp_heads.reports.page.charts import dots
from allennlp_heads.reports.page.run_folder import Report, RunFolder
from allennlp_heads.reports.page.sections.each_report import section_of_each
from allennlp_heads.reports.page.sections.names import isolated, listed

_TESTED = ("difference", "95 % interval", "p", "p (Holm)", "p over seeds (least)")
_SPENT = ("updates", "examples of the task", "of all tasks")


def across(runs: Sequence[RunFolder]) -> list[Section]:
    """A section for each comparison of settings."""
    return section_of_each(runs, "comparison", "Comparison of scores", _blocks)


def _blocks(report: Report) -> list[Block]:
    content = report.content
    tasks: Mapping[str, Any] = content["tasks"]
    blocks: list[Block] = [Text(_legend(tasks)), *map(Text, content["notes"])]
    blocks.append(_settings(content["settings"]))
    return [*blocks, *_differences(tasks), *(_table(*item) for item in tasks.items())]


def _legend(tasks: Mapping[str, Any]) -> str:
    cells = [cell for table in tasks.values() for cell in table["settings"].values()]
    tests = sum(cell["against"] is not None for cell in cells)
    text = "Scores times 100: mean ± standard deviation over seeds."
    if not tests:
        return text
    return (
        f"{text} Differences are of runs of the same seeds, with the 95 % interval of the paired "
        "bootstrap over examples; p is of approximate randomisation of examples, then after Holm's "
        f"correction for all {plural(tests, 'comparison')} (*: below {LEVEL}). p over seeds is of "
        "the exact signed-rank test, uncorrected, in brackets the least that so many seeds can "
        "give."
    )


def _settings(settings: Mapping[str, Any]) -> Table:
    rows = []
    for name, setting in settings.items():
        runs = setting["runs"]
        seeds = ", ".join(str(run["seed"]) for run in runs)
        rows.append([name, listed(setting["tasks"]), seeds, listed(run["folder"] for run in runs)])
    return Table(["setting", "trains", "seeds", "runs"], rows, "What was compared.")


def _differences(tasks: Mapping[str, Any]) -> Iterator[Block]:
    rows = [
        {
            "task": task,
            "setting": name,
            "p": p_cell(test["adjusted"]),
            **{key: 100 * test[key] for key in ("difference", "low", "high")},
        }
        for task, table in tasks.items()
        for name, cell in table["settings"].items()
        if (test := cell["against"]) is not None
    ]
    if rows:
        title = "difference to the reference, points"
        ends = ("difference", "low", "high")
        details = {"p": "p (Holm)"}
        spec = dots(rows, "task", *ends, "setting", title, rule=0.0, details=details)
        yield Chart(
            "Differences to the reference",
            spec,
            "For each task and setting the difference of the mean score to the reference of the "
            "task, in points, with its 95 % interval. The tables below have the numbers.",
        )


def _table(task: str, table: Mapping[str, Any]) -> Table:
    cells: Mapping[str, Any] = table["settings"]
    tested = any(cell["against"] is not None for cell in cells.values())
    spent = any(cell["budget"] is not None for cell in cells.values())
    names = ["setting", "seeds", table["metric"]]
    names += [*(_TESTED if tested else ()), *(_SPENT if spent else ())]
    rows = [
        [
            *(name, str(len(cell["seeds"]))),
            spread(times_100(cell["mean"]), times_100(cell["std"])),
            *(_tests(cell["against"]) if tested else ()),
            *(_spent(cell["budget"]) if spent else ()),
        ]
        for name, cell in cells.items()
    ]
    caption = f"{isolated(task)}: {plural(table['examples'], 'example')}"
    if table["reference"] is not None:
        caption += f", differences to {isolated(table['reference'])}"
    return Table(names, rows, f"{caption}.")


def _tests(test: Mapping[str, Any] | None) -> list[str]:
    if test is None:
        return [UNDEFINED] * len(_TESTED)
    over_seeds = UNDEFINED
    if test["p_over_seeds"] is not None:
        over_seeds = f"{test['p_over_seeds']:.3g} ({test['least_over_seeds']:.3g})"
    star = "*" if test["adjusted"] < LEVEL else ""
    return [
        number(times_100(test["difference"]), sign=True) + star,
        interval(times_100(test["low"]), times_100(test["high"]), sign=True),
        *(p_cell(test["p_value"]), p_cell(test["adjusted"]), over_seeds),
    ]


def _spent(budget: Mapping[str, float] | None) -> list[str]:
    if budget is None:
        return [UNDEFINED] * len(_SPENT)
    return [f"{budget[key]:,.0f}" for key in ("updates", "examples", "all_examples")]
