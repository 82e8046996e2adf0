"""What `allennlp heads search` found: values of hyper-parameters, and what they gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from allennlp_heads.reports.markup import plural
from allennlp_heads.reports.page.blocks import Block, Chart, Section, Table, Text
from allennlp_heads.reports.page.cells import number
from allennlp_heads.reports.page.charts import bars, points
from allennlp_heads.reports.page.run_folder import Report, RunFolder
from allennlp_heads.reports.page.sections.each_report import section_of_each
from allennlp_heads.reports.page.sections.names import isolated, listed

_DIGITS = 4
_DIRECTIONS = {"maximize": "the larger the better", "minimize": "the smaller the better"}
_BEST, _OTHER = "best", "other trials"


def across(runs: Sequence[RunFolder]) -> list[Section]:
    """A section for each search."""
    return section_of_each(runs, "search", "Search for hyper-parameters", _blocks)


def _blocks(report: Report) -> list[Block]:
    content = report.content
    metrics: Mapping[str, str] = content["metrics"]
    scored = [_row(trial, content) for trial in content["trials"] if trial["values"]]
    blocks: list[Block] = [Text(_said(content))]
    if scored:
        blocks += [_values(scored, name, way) for name, way in metrics.items()]
        blocks += [_front(scored, *metrics)] if len(metrics) == 2 else []
    if content["importance"]:
        blocks.append(_importance(content))
    return [*blocks, _trials(content)]


def _said(content: Mapping[str, Any]) -> str:
    states = [trial["state"] for trial in content["trials"]]
    counted = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    ways = [f"{isolated(name)} ({_DIRECTIONS[way]})" for name, way in content["metrics"].items()]
    several = len(content["metrics"]) > 1
    best = "those that no other beats in all metrics" if several else "the one with the best value"
    return (
        f"{plural(len(states), 'trial')}: {counted}. Judged by {', '.join(ways)}, on the data that "
        f"the trials themselves were chosen by: another set tells how good a trial is. Best is "
        f"{best}: {listed(_name(one) for one in content['best']) or 'none yet'}."
    )


def _name(trial: int) -> str:
    return f"trial_{trial}"


def _row(trial: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "trial": trial["number"],
        "state": trial["state"],
        "series": _BEST if trial["number"] in content["best"] else _OTHER,
        "parameters": _parameters(trial),
        **{f"value of {name}": trial["values"][name] for name in content["metrics"]},
    }


def _parameters(trial: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_value(one)}" for name, one in trial["parameters"].items())


def _value(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else isolated(str(value))


_DETAILS = {"parameters": "hyper-parameters", "state": "state"}


def _values(rows: Sequence[Mapping[str, Any]], metric: str, direction: str) -> Chart:
    spec = points(rows, "trial", f"value of {metric}", "trial", metric, _DETAILS, "series")
    title = f"{isolated(metric)} of each trial, {_DIRECTIONS[direction]}"
    return Chart(title, spec, f"{title}; the numbers are in the table below.")


def _front(rows: Sequence[Mapping[str, Any]], one: str, other: str) -> Chart:
    details = {"trial": "trial", **_DETAILS}
    spec = points(rows, f"value of {one}", f"value of {other}", one, other, details, "series")
    title = "The two metrics against each other"
    return Chart(title, spec, f"{title}: a point for each trial. The table below has the numbers.")


def _importance(content: Mapping[str, Any]) -> Chart:
    rows = [
        {"parameter": name, "share": 100 * share, "metric": f"of {metric}"}
        for metric, shares in content["importance"].items()
        for name, share in shares.items()
    ]
    spec = bars(rows, "parameter", "share", "metric", "% of the variance", digits=0)
    title = f"What mattered ({content['importance_by']})"
    return Chart(title, spec, f"{title}: each hyper-parameter's share in the variance of a metric.")


def _trials(content: Mapping[str, Any]) -> Table:
    names = [one["attributes"]["name"] for one in content["hyperparameters"]]
    rows = [
        [
            f"{_name(trial['number'])}{' *' * (trial['number'] in content['best'])}",
            trial["state"],
            *(number((trial["values"] or {}).get(name), _DIGITS) for name in content["metrics"]),
            *(_value(trial["parameters"].get(name, "")) for name in names),
            trial["reason"] or "",
        ]
        for trial in content["trials"]
    ]
    columns = ["trial", "state", *content["metrics"], *names, "reason"]
    filled = [any(row[place] for row in rows) for place in range(len(columns))]
    shown = [[cell for cell, keep in zip(row, filled) if keep] for row in rows]
    return Table([one for one, keep in zip(columns, filled) if keep], shown, "*: best.")
