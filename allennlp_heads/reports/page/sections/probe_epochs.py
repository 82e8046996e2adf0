"""How what the heads know changes while a model is trained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy

from allennlp_heads.analysis.probing.result import LabelScore, OverallScore, ProbeResult
from allennlp_heads.reports.page.blocks import Block, Chart, Grid, HeadGrids
from allennlp_heads.reports.page.cells import number, times_100
from allennlp_heads.reports.page.charts import lines
from allennlp_heads.reports.page.sections.names import isolated

_LABELS = 5
_ALL = "all items"


def epochs(task: str, results: Sequence[ProbeResult]) -> list[Block]:
    """
    # Parameters

    task : `str`
    results : `Sequence[ProbeResult]`
        Two or more, one an epoch, in their order.
    """
    return [_curve(task, results), _grids(task, results)]


def _curve(task: str, results: Sequence[ProbeResult]) -> Chart:
    rows = [row for result in results for row in _rows(result, results[-1].labels[:_LABELS])]
    title = f"{isolated(task)}: accuracy of each label's head, by epoch"
    spec = lines(rows, "epoch", "accuracy", "of", "epoch", "accuracy, %", band=("low", "high"))
    whole = [row for row in rows if row["of"] == _ALL]
    first, last = (number(whole[place]["accuracy"], 1) for place in (0, -1))
    about = (
        f"All items, each by its label's head: from {first} % after epoch {whole[0]['epoch']} to "
        f"{last} % at the end."
    )
    return Chart(title, spec, about)


def _rows(result: ProbeResult, labels: Sequence[LabelScore]) -> Iterator[dict[str, Any]]:
    wanted = {score.label for score in labels}
    scores: list[tuple[str, LabelScore | OverallScore]] = [(_ALL, result.overall["weighted"])]
    scores += [(score.label, score) for score in result.labels if score.label in wanted]
    for name, score in scores:
        accuracy = times_100(score.accuracy)
        row = {"epoch": _shown(result), "of": name, "accuracy": accuracy, "low": None, "high": None}
        if name == _ALL:
            row |= {"low": times_100(score.low), "high": times_100(score.high)}
        yield row


def _grids(task: str, results: Sequence[ProbeResult]) -> HeadGrids:
    values = [
        numpy.where(result.exists, 100 * result.of_all_items(), numpy.nan) for result in results
    ]
    return HeadGrids(
        f"{isolated(task)}: accuracy of every head on all items, by epoch",
        [Grid(task, numpy.stack(values))],
        "accuracy, %",
        [f"epoch {_shown(result)}" for result in results],
        limits=(0.0, 100.0),
    )


def _shown(result: ProbeResult) -> int:
    """People count epochs from 1."""
    return 1 + (result.epoch or 0)
