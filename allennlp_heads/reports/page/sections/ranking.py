"""What `allennlp heads rank` wrote: the sources of each target, most promising first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from allennlp_heads.reports.page.blocks import Block, Section, Table, Text
from allennlp_heads.reports.page.cells import UNDEFINED
from allennlp_heads.reports.page.run_folder import Report, RunFolder
from allennlp_heads.reports.page.sections.each_report import section_of_each
from allennlp_heads.reports.page.sections.task_maps import similarity_charts

_FIRST = 5
"""So many sources of a target are listed."""


def across(runs: Sequence[RunFolder]) -> list[Section]:
    """A section for each ranking."""
    return section_of_each(runs, "ranking", "Ranking of sources", _blocks)


def _blocks(report: Report) -> list[Block]:
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
    blocks += similarity_charts(tasks, content["classes"], report.arrays())
    return blocks


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
