"""What `allennlp heads rank --apply` found: learning from the first sources of a ranking."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from allennlp_heads.reports.page.blocks import Block, Chart, Section, Table, Text
from allennlp_heads.reports.page.cells import interval, number, p_cell, spread, times_100
from allennlp_heads.reports.page.charts import dots
from allennlp_heads.reports.page.run_folder import Report, RunFolder
from allennlp_heads.reports.page.sections.each_report import section_of_each
from allennlp_heads.reports.page.sections.names import listed
from allennlp_heads.reports.transfer.applied import DIRECT, RANDOM, RANKED

_WAYS = {RANKED: "first sources of the ranking", DIRECT: "no source", RANDOM: "random sources"}


def across(runs: Sequence[RunFolder]) -> list[Section]:
    """A section for each ranking that was put to use."""
    return section_of_each(runs, "applied", "Rankings put to use", _blocks)


def _blocks(report: Report) -> list[Block]:
    targets: Mapping[str, Any] = report.content["targets"]
    text = (
        "Each target after the first sources of the ranking, the best one learned last, against no "
        "source and against random ones. Scores times 100, mean ± standard deviation over "
        "restarts; differences with 95 % intervals of the bootstrap over restarts, and the p-value "
        "of the exact signed-rank test."
    )
    return [Text(text), _scores(targets), _chart(targets), _differences(targets)]


def _scores(targets: Mapping[str, Any]) -> Table:
    rows = [
        [
            *(target, f"{found['metric']}, {found['data']}", str(len(found["scores"][RANKED]))),
            listed(found["sources"]),
            *(_over_restarts(found["scores"][way]) for way in _WAYS),
        ]
        for target, found in targets.items()
    ]
    return Table(["target", "scored", "restarts", "sources", *_WAYS.values()], rows)


def _over_restarts(scores: Sequence[float]) -> str:
    std = statistics.stdev(scores) if len(scores) > 1 else None
    return spread(100 * statistics.fmean(scores), times_100(std))


def _chart(targets: Mapping[str, Any]) -> Chart:
    rows = [
        {
            "target": target,
            "against": f"against {_WAYS[other]}",
            "p": p_cell(test["p_value"]),
            **{key: times_100(test[key]) for key in ("difference", "lower", "upper")},
        }
        for target, found in targets.items()
        for other, test in found["against"].items()
    ]
    ends = ("difference", "lower", "upper")
    spec = dots(rows, "target", *ends, "against", "points", rule=0.0, details={"p": "p"})
    return Chart(
        "What the first sources of the ranking bring",
        spec,
        "Of each target the difference to fine-tuning without a source and after random sources, "
        "in points, with 95 % intervals. The table below has the numbers.",
    )


def _differences(targets: Mapping[str, Any]) -> Table:
    rows = [
        [
            *(target, _WAYS[other], number(times_100(test["difference"]), sign=True)),
            interval(times_100(test["lower"]), times_100(test["upper"]), sign=True),
            *(p_cell(test["p_value"]), str(test["better"]), str(test["worse"])),
        ]
        for target, found in targets.items()
        for other, test in found["against"].items()
    ]
    names = ["target", "ranking against", "difference", "95 % interval", "p", "better", "worse"]
    return Table(names, rows, "Better and worse: in so many restarts.")
