"""What `allennlp heads fewshot` wrote: how well a task is learnt from few examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from allennlp_heads.reports.fewshot_tables import LEVEL
from allennlp_heads.reports.markup import plural
from allennlp_heads.reports.page.blocks import Block, Chart, Section, Table, Text
from allennlp_heads.reports.page.cells import (
    interval,
    number,
    p_cell,
    spread,
    times_100,
)
from allennlp_heads.reports.page.charts import lines
from allennlp_heads.reports.page.run_folder import Report, RunFolder
from allennlp_heads.reports.page.sections.each_report import section_of_each
from allennlp_heads.reports.page.sections.names import isolated

_MAJORITY = "most frequent label"


def sections(run: RunFolder) -> list[Section]:
    """A section for each experiment."""
    return section_of_each([run], "fewshot", "Learning from few examples", _blocks)


def _blocks(report: Report) -> list[Block]:
    content = report.content
    text = (
        f"{isolated(content['task'])}: {content['metric']} times 100, mean ± standard deviation "
        f"over {plural(len(content['seeds']), 'seed')}. The number of updates is fixed beforehand; "
        "nothing is chosen on the examples that are scored."
    )
    return [Text(text), _curve(content), _scores(content), *_comparisons(content)]


def _curve(content: Mapping[str, Any]) -> Chart:
    rows = [
        {"start": start, "examples": int(examples), **_ends(found)}
        for start, scores in content["scores"].items()
        for examples, found in scores.items()
    ]
    if content["majority"] is not None:
        level = {"score": times_100(content["majority"]), "low": None, "high": None}
        rows += [
            {"start": _MAJORITY, "examples": number, **level} for number in content["examples"]
        ]
    x_title = f"training examples{' of each class' if content['per_class'] else ''}"
    y_title = f"{content['metric']} × 100"
    band = ("low", "high")
    spec = lines(rows, "examples", "score", "start", x_title, y_title, band, log=True)
    title = "Score over the number of examples, with one standard deviation"
    return Chart(title, spec, f"{title}; the numbers are in the table below.")


def _ends(found: Mapping[str, Any]) -> dict[str, float | None]:
    mean, std = times_100(found["mean"]), times_100(found["std"])
    if mean is None or std is None:
        return {"score": mean, "low": None, "high": None}
    return {"score": mean, "low": mean - std, "high": mean + std}


def _scores(content: Mapping[str, Any]) -> Table:
    numbers = [str(number) for number in content["examples"]]
    rows = [
        [start, *(_score(scores[number]) for number in numbers)]
        for start, scores in content["scores"].items()
    ]
    if content["majority"] is not None:
        rows.append([_MAJORITY, *[number(times_100(content["majority"]))] * len(numbers)])
    return Table(["start", *numbers], rows, "Columns: numbers of training examples.")


def _score(found: Mapping[str, Any]) -> str:
    return spread(times_100(found["mean"]), times_100(found["std"]))


def _comparisons(content: Mapping[str, Any]) -> Iterator[Table]:
    rows = []
    for test in content["comparisons"]:
        star = "*" if (test["p_value_holm"] or 1) < LEVEL else ""
        rows.append(
            [
                *(test["start"], test["against"], str(test["examples"])),
                number(times_100(test["difference"]), sign=True) + star,
                interval(times_100(test["lower"]), times_100(test["upper"]), sign=True),
                p_cell(test["p_value_holm"]),
            ]
        )
    if rows:
        names = ["start", "against", "examples", "difference", "95 % interval", "p"]
        caption = (
            "Differences over the same seeds and examples, in points: Wilcoxon's signed-rank test "
            f"with Holm's correction (*: p < {LEVEL}), intervals by the bootstrap over seeds."
        )
        yield Table(names, rows, caption)
