"""What `allennlp heads probe-compare` wrote: what training changes in what the heads know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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
from allennlp_heads.reports.page.sections.names import isolated
from allennlp_heads.reports.probing.strip import LEVEL
from allennlp_heads.reports.probing.tables import OVERALL

_DRAWN = 20
"""So many labels, the most frequent ones, are in the chart."""
_TESTED = ("difference", "95 % interval", "p")


def across(runs: Sequence[RunFolder]) -> list[Section]:
    """A section for each comparison of probes."""
    return section_of_each(runs, "probe_comparison", "Comparison of probes", _blocks)


def _blocks(report: Report) -> list[Block]:
    tasks: Mapping[str, Any] = report.content["tasks"]
    text = (
        "Accuracy of each label's head in percent, mean ± standard deviation over runs. "
        "Differences to the reference are in points, with the 95 % interval of the paired "
        "bootstrap over sentences and the p-value of paired randomisation of sentences, for labels "
        f"after Holm's correction (*: p < {LEVEL})."
    )
    blocks: list[Block] = [Text(text)]
    for task, found in tasks.items():
        blocks += [_whole(task, found), *_chart(task, found), _labels(task, found)]
    return blocks


def _whole(task: str, found: Mapping[str, Any]) -> Table:
    rows = [
        [name, OVERALL.get(way, way), *_score(score)]
        for name, ways in found["overall"].items()
        for way, score in ways.items()
    ]
    items = f"{sum(found['counts']):,} items"
    caption = f"{isolated(task)}, {items}, differences to {isolated(found['reference'])}."
    return Table(["group", "of all labels", "accuracy", *_TESTED], rows, caption)


def _chart(task: str, found: Mapping[str, Any]) -> Iterator[Block]:
    labels = found["labels"][:_DRAWN]
    rows = [
        {
            "label": label,
            "group": name,
            "p": p_cell(test["adjusted"]),
            **{key: 100 * test[key] for key in ("difference", "low", "high")},
        }
        for place, label in enumerate(labels)
        for name, scores in found["by_label"].items()
        if (test := scores[place]["against"]) is not None
    ]
    if rows:
        ends = ("difference", "low", "high")
        reference = isolated(found["reference"])
        title = f"difference to {reference}, points"
        details = {"p": "p (Holm)"}
        spec = dots(rows, "label", *ends, "group", title, rule=0.0, details=details)
        frequent = "" if len(labels) == len(found["labels"]) else f"{len(labels)} most frequent "
        yield Chart(
            f"{isolated(task)}: accuracy of {frequent}labels against {reference}",
            spec,
            "Of each label the difference in accuracy of its head to the reference, in points, "
            "with its 95 % interval. The table below has all labels.",
        )


def _labels(task: str, found: Mapping[str, Any]) -> Table:
    rows = [
        [label + " †" * rare, f"{count:,}", name, *_score(scores[place])]
        for place, (label, count, rare) in enumerate(
            zip(found["labels"], found["counts"], found["rare"], strict=True)
        )
        for name, scores in found["by_label"].items()
    ]
    few = " †: few scored items." if any(found["rare"]) else ""
    names = ["label", "items", "group", "accuracy", *_TESTED]
    return Table(names, rows, f"{isolated(task)}, label by label, the most frequent first.{few}")


def _score(score: Mapping[str, Any]) -> list[str]:
    accuracy, test = spread(times_100(score["mean"]), times_100(score["std"]), 1), score["against"]
    if test is None:
        return [accuracy, *[UNDEFINED] * len(_TESTED)]
    p_value = test["p_value"] if test["adjusted"] is None else test["adjusted"]
    difference = number(times_100(test["difference"]), 1, sign=True) + "*" * (p_value < LEVEL)
    sure = interval(times_100(test["low"]), times_100(test["high"]), 1, sign=True)
    return [accuracy, difference, sure, p_cell(p_value)]
