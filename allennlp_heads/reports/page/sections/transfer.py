"""What `allennlp heads transfer` measured: each target after each source, against no source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy

from allennlp_heads.reports.markup import plural
from allennlp_heads.reports.page.blocks import Block, Chart, Section, Table, Text
from allennlp_heads.reports.page.cells import UNDEFINED, number, spread
from allennlp_heads.reports.page.charts import lines
from allennlp_heads.reports.page.run_folder import Report, RunFolder
from allennlp_heads.reports.page.sections.each_report import section_of_each
from allennlp_heads.reports.page.sections.names import isolated
from allennlp_heads.reports.page.sections.task_maps import gains_chart
from allennlp_heads.reports.transfer.matrix import NO_SOURCE, TransferMatrix, read_matrix
from allennlp_heads.reports.transfer.numbers import best_named, best_source

_LISTED = 10


def across(runs: Sequence[RunFolder]) -> list[Section]:
    """A section for each regime of measured transfer."""
    return section_of_each(runs, "transfer", "Measured transfer", _blocks)


def _blocks(report: Report) -> list[Block]:
    matrix = read_matrix(report.path)
    gains = gains_chart(matrix.tasks, matrix.classes, matrix.performance, matrix.baseline)
    return [Text(_legend(matrix)), gains, _targets(matrix), *_curves(matrix)]


def _legend(matrix: TransferMatrix) -> str:
    restarts = plural(matrix.direct.shape[1], "restart")
    text = (
        f"Regime {matrix.regime}: {len(matrix.tasks)} tasks, {restarts}. The gain is the score "
        "after a source, minus that of fine-tuning on the target alone, in percent of the latter; "
        "means are over those restarts that all sources of a target have."
    )
    missing = [
        f"{isolated(source or NO_SOURCE)} → {isolated(target)} ({restart})"
        for source, target, restart in matrix.missing
    ]
    if not missing:
        return text
    more = f" and {len(missing) - _LISTED} more" if len(missing) > _LISTED else ""
    return f"{text} Not measured: {', '.join(missing[:_LISTED])}{more}."


def _targets(matrix: TransferMatrix) -> Table:
    rows = []
    for place, target in enumerate(matrix.tasks):
        column, gains = matrix.performance[:, place], 100 * matrix.gains[:, place]
        cells = [target, matrix.metrics.get(target, UNDEFINED)]
        cells.append(_over_restarts(matrix.direct[place, matrix.compared[place]]))
        for scores in (column, -column):
            source = best_source(scores)
            if source is None:
                cells += [UNDEFINED] * 3
                continue
            restarts = matrix.scores[source, place, matrix.compared[place]]
            gain = number(gains[source], 1, sign=True)
            named = best_named(matrix.tasks, scores) or UNDEFINED
            cells += [named, _over_restarts(restarts), gain]
        rows.append(cells)
    names = ["target", "metric", "no source", "best source", "after it", "gain, %"]
    names += ["worst source", "after it", "gain, %"]
    caption = "Scores times 100, mean ± standard deviation over restarts."
    return Table(names, rows, caption)


def _over_restarts(scores: numpy.ndarray) -> str:
    there = 100 * scores[~numpy.isnan(scores)]
    if not len(there):
        return UNDEFINED
    return spread(there.mean(), there.std(ddof=1) if len(there) > 1 else None, 1)


def _curves(matrix: TransferMatrix) -> Iterator[Block]:
    rows = [
        {"updates": updates, "score": 100 * score, "task": task}
        for task, curve in matrix.curves.items()
        for updates, score in curve
    ]
    if rows:
        yield Chart(
            "Scores on the way of fine-tuning without a source",
            lines(rows, "updates", "score", "task", "updates", "score times 100"),
            "How the score of each task rises with the updates, in the first restart.",
        )
