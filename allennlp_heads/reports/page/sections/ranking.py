"""What `allennlp heads rank` wrote: the sources of each target, most promising first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from allennlp_heads.reports.page.blocks import Block, Chart, Section, Table, Text
from allennlp_heads.reports.page.cells import UNDEFINED
from allennlp_heads.reports.page.run_folder import Report, RunFolder
from allennlp_heads.reports.page.sections import embeddings
from allennlp_heads.reports.page.sections.each_report import section_of_each
from allennlp_heads.reports.page.sections.task_maps import similarity_charts

Numbers = tuple[str, dict[tuple[str, str], float | None]]
"""Title, and row and column -> number."""

_DIGITS = 5
_FIRST = 5
"""So many sources of a target are listed."""


def across(runs: Sequence[RunFolder]) -> list[Section]:
    """
    A section for each ranking. Similarities that the embeddings on the same page say are left out.
    """
    if not any(run.found.get("ranking") for run in runs):
        return []
    shown = [
        _numbers(block)
        for section in embeddings.across(runs)
        for block in section.blocks
        if isinstance(block, Chart)
    ]
    return section_of_each(runs, "ranking", "Ranking of sources", partial(_blocks, shown))


def _blocks(shown: Sequence[Numbers], report: Report) -> list[Block]:
    content = report.content
    # the one that was asked for may be a single component, which lists do not have
    asked, tasks = content["method"], content["tasks"]
    method = asked if asked in content["methods"] else "+".join(content["kinds"])
    within = "of the target's own class" if content["within_class"] else "of all classes"
    text = (
        f"Ranks of sources {within} for each target, by the likeness of embeddings; 1 is the best. "
        f"Sources are ordered by {method}. The baseline 'random' gives each the same rank."
    )
    blocks: list[Block] = [Text(text), *map(Text, content["notes"]), _listed(content, method)]
    charts = similarity_charts(tasks, content["classes"], report.arrays())
    return blocks + [chart for chart in charts if _numbers(chart) not in shown]


def _numbers(chart: Chart) -> Numbers:
    """What a chart says, whatever the order of its rows."""
    cells = {
        (row["x"], row["y"]): None if row["value"] is None else round(row["value"], _DIGITS)
        for row in chart.spec["data"]["values"]
    }
    return chart.title, cells


def _listed(content: Mapping[str, Any], method: str) -> Table:
    others = [name for name in content["methods"] if name != method]
    rows = []
    for target, rankings in content["rankings"].items():
        given = {name: {one["source"]: one["rank"] for one in rankings[name]} for name in others}
        rows += [
            [
                *(target, one["source"], content["classes"][one["source"]], _rank(one["rank"])),
                *(_rank(given[name].get(one["source"])) for name in others),
            ]
            for one in rankings[method][:_FIRST]
        ]
    names = ["target", "source", "class", method, *others]
    return Table(names, rows, f"The first {_FIRST} sources of each target, with their ranks.")


def _rank(rank: float | None) -> str:
    return UNDEFINED if rank is None else f"{rank:g}"
