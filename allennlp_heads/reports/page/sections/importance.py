"""What `allennlp heads importance` wrote: how much each head matters to each task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy

from allennlp_heads.reports.markup import percent
from allennlp_heads.reports.page.blocks import Block, Grid, HeadGrids, Section, Table, Text
from allennlp_heads.reports.page.cells import filled, interval, number
from allennlp_heads.reports.page.run_folder import Report, RunFolder
from allennlp_heads.reports.page.sections.each_report import section_of_each
from allennlp_heads.reports.page.sections.names import isolated
from allennlp_heads.reports.probing.tables import head_name

_LISTED = 10
"""The most important heads of a task in its table."""
_MEASURES = {
    "absolute": "the mean over examples of |dL / d gate|",
    "squared": "the mean over examples of (dL / d gate)²",
    "signed": "minus the mean over examples of dL / d gate",
    "per_token": "the mean over examples of the sum over tokens of |dL / d gate|",
}
_SHARE = "importance, 1 = the task's highest"


def sections(run: RunFolder) -> list[Section]:
    """A section for each report."""
    return section_of_each([run], "importance", "Importance of heads", _blocks)


def _blocks(report: Report) -> list[Block]:
    content = report.content
    tasks: Mapping[str, Any] = content["tasks"]
    ranked = {task: found for task, found in tasks.items() if not found["all_zero"]}
    blocks: list[Block] = [Text(_legend(content)), _examples(tasks)]
    if ranked:
        blocks.append(_grids(content, ranked))
    blocks += [_top(content, task, found) for task, found in ranked.items()]
    return blocks


def _legend(content: Mapping[str, Any]) -> str:
    options = content["options"]
    measure = options["measure"]
    labels = "the model's own predictions" if options["label_free"] else "the gold labels"
    return (
        f"Importance is {_MEASURES.get(measure, measure)}, L being the loss by {labels}; each task "
        f"is shown relative to its highest head. Intervals of {100 * content['confidence']:g} % "
        "are by the bootstrap over examples. It says what one gate does to the loss, and nothing "
        "of many heads that go together."
    )


def _examples(tasks: Mapping[str, Any]) -> Table:
    rows = [
        [
            task,
            f"{found['examples']:,}",
            f"{found['available']:,}",
            number(found["loss"], 3),
            percent(found.get("overlap"), digits=0),
            percent(found.get("overlap_by_chance"), digits=0),
        ]
        for task, found in tasks.items()
    ]
    names = ["task", "examples", "of so many", "loss", "heads in common, %", "by chance, %"]
    caption = "Heads in common: of the most important ones, between two samples of the examples."
    if any(found["all_zero"] for found in tasks.values()):
        caption += " A task without them has a loss that depends on no head."
    return Table(names, rows, caption)


def _grids(content: Mapping[str, Any], ranked: Mapping[str, Any]) -> HeadGrids:
    grids = [_grid(content, task, found) for task, found in ranked.items()]
    signed = any((grid.values < 0).any() for grid in grids)
    gone = any(numpy.isnan(grid.values).any() for grid in grids)
    return HeadGrids(
        "Importance of every head",
        grids,
        _SHARE,
        diverging=signed,
        limits=(-1.0, 1.0) if signed else (0.0, 1.0),
        description="Hatched heads are closed by their gates, or removed." if gone else "",
    )


def _grid(content: Mapping[str, Any], task: str, found: Mapping[str, Any]) -> Grid:
    scores = filled(found["scores"])
    for layer, removed in enumerate(content["removed"]):
        scores[layer, removed] = numpy.nan
    for layer, head in found["closed"]:
        scores[layer, head] = numpy.nan
    highest = _highest(found)
    details = {
        "lower end": filled(found["lower"]) / highest,
        "upper end": filled(found["upper"]) / highest,
        "among the most important in % of samples": 100 * filled(found["selected"]),
        "importance itself": scores,
    }
    return Grid(task, scores / highest, details)


def _top(content: Mapping[str, Any], task: str, found: Mapping[str, Any]) -> Table:
    highest = _highest(found)
    rows = [
        [
            head_name(layer, head),
            number(found["scores"][layer][head] / highest),
            interval(found["lower"][layer][head] / highest, found["upper"][layer][head] / highest),
            percent(found["selected"][layer][head], digits=0),
        ]
        for layer, head in found["top"][:_LISTED]
    ]
    share = f"{100 * content['options']['alpha']:g} %"
    caption = (
        f"{isolated(task)}: the first {len(rows)} heads (layer.head). The last column: in how many "
        f"percent of samples of the examples the head is among the first {share}."
    )
    sure = f"{100 * content['confidence']:g} % interval"
    names = ["head", "importance", sure, f"in the first {share}, %"]
    return Table(names, rows, caption)


def _highest(found: Mapping[str, Any]) -> float:
    return float(numpy.nanmax(numpy.abs(filled(found["scores"])))) or 1.0
