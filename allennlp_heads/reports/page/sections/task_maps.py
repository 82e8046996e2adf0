"""Tables of pairs of tasks as coloured cells: how alike they are, and what one brings another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy

from allennlp_heads.analysis.transfer import KINDS, kind_of
from allennlp_heads.reports.page.blocks import Chart
from allennlp_heads.reports.page.charts import matrix
from allennlp_heads.reports.page.sections.names import isolated
from allennlp_heads.reports.transfer.numbers import mean_there
from allennlp_heads.reports.transfer.order import task_order


def similarity_charts(
    tasks: Sequence[str],
    classes: Mapping[str, str],
    similarities: Mapping[str, numpy.ndarray],
) -> list[Chart]:
    """
    A chart for each kind of embedding: the mean cosine over the components that both tasks have.

    # Parameters

    tasks : `Sequence[str]`
    classes : `Mapping[str, str]`
        Task -> its class; tasks of a class stand together.
    similarities : `Mapping[str, numpy.ndarray]`
        Component -> cosines `[tasks, tasks]`.
    """
    charts = []
    for kind in KINDS:
        found = [table for name, table in similarities.items() if kind_of(name) == kind]
        if not found:
            continue
        alike = mean_there(numpy.stack(found), axis=0)
        numpy.fill_diagonal(alike, numpy.nan)
        order = task_order(tasks, classes, alike)
        rows = [
            {"row": tasks[row], "column": tasks[column], "cosine": alike[row, column]}
            for row in order
            for column in order
        ]
        charts.append(
            Chart(
                f"Similarity of tasks by embeddings of the kind '{kind}'",
                matrix(rows, "column", "row", "cosine", value_title="mean cosine"),
                f"Cosines between the embeddings of {len(tasks)} tasks, the mean over components "
                f"of the kind '{kind}'. {_nearest(tasks, alike)}",
            )
        )
    return charts


def gains_chart(
    tasks: Sequence[str],
    classes: Mapping[str, str],
    performance: numpy.ndarray,
    baseline: numpy.ndarray,
) -> Chart:
    """
    # Parameters

    tasks : `Sequence[str]`
    classes : `Mapping[str, str]`
        Task -> its class; tasks of a class stand together.
    performance : `numpy.ndarray`
        `[sources, targets]`, times 100; `nan` where it was not measured.
    baseline : `numpy.ndarray`
        `[targets]`: without a source.
    """
    gains = 100 * (performance - baseline) / numpy.where(baseline > 0, baseline, numpy.nan)
    order = task_order(tasks, classes, gains)
    rows = [
        {
            "source": tasks[source],
            "target": tasks[target],
            "gain": gains[source, target],
            "score": performance[source, target],
            "alone": baseline[target],
        }
        for source in order
        for target in order
    ]
    details = {"score": "score of the target after the source", "alone": "without a source"}
    spec = matrix(
        *(rows, "target", "source", "gain"),
        diverging=True,
        x_title="target",
        y_title="source",
        value_title="gain, %",
        digits=1,
        details=details,
    )
    known = gains[numpy.isfinite(gains)]
    better = f"{int((known > 0).sum())} of {known.size} pairs gain."
    return Chart(
        "Gain of each target by each source, percent",
        spec,
        "Score of the target after the source, against fine-tuning on the target alone, in percent "
        f"of the latter. {better}",
    )


def _nearest(tasks: Sequence[str], alike: numpy.ndarray) -> str:
    if not numpy.isfinite(alike).any():
        return ""
    row, column = divmod(int(numpy.nanargmax(alike)), len(tasks))
    first, second = isolated(tasks[row]), isolated(tasks[column])
    return f"Most alike are {first} and {second} ({alike[row, column]:.2f})."
