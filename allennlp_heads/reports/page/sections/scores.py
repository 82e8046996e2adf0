"""How good a run is: the score of each task with its interval, and all metrics folded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from allennlp_heads.reports.markup import plural
from allennlp_heads.reports.page.blocks import Block, Chart, Section, Table, Text
from allennlp_heads.reports.page.cells import UNDEFINED, interval, number, times_100
from allennlp_heads.reports.page.charts import dots
from allennlp_heads.reports.page.configured import task_heads
from allennlp_heads.reports.page.metrics_table import metrics_table
from allennlp_heads.reports.page.run_folder import RunFolder
from allennlp_heads.reports.page.task_scores import (
    DRAWS,
    VALIDATION,
    TaskScores,
    read_task_scores,
)

_INTERVALS = (
    f"An interval holds 95 % of the scores of {DRAWS} samples of as many examples, drawn from the "
    "same ones with replacement. It says how much a score depends on which examples were scored, "
    "not how much it would change with another seed."
)
_CHOSEN = (
    "The choice was made on these data, so that the scores can be a little higher than those of "
    "data that had no part in it."
)

Interval = tuple[float, float] | None


def sections(run: RunFolder) -> list[Section]:
    """From the reports of the schema `scores` and from `metrics.json`."""
    reports = run.reports("scores")
    found = [scores for report in reports for scores in read_task_scores(report)]
    trained = [scores for scores in found if scores.data == VALIDATION]
    evaluated = [scores for scores in found if scores.data != VALIDATION]
    blocks = [*_trained(run, trained), *_evaluated(evaluated)]
    made = [Section("scores", "Scores", blocks)] if blocks else []
    metrics = run.metrics or (run.epochs[-1] if run.epochs else {})
    table = metrics_table(metrics, list(task_heads(run.config)))
    if table is not None:
        # without scores of single examples this table is all there is
        title = "All metrics" if blocks else "Scores"
        made.append(Section("metrics", title, [Text(_moment(run)), table], folded=bool(blocks)))
    return made


def _trained(run: RunFolder, found: Sequence[TaskScores]) -> list[Block]:
    if not found:
        return []
    first = found[0]
    epochs = f"epoch {first.epoch + 1} of {len(first.epochs)}"
    about = f"Scores of the validation data after {epochs}, times 100."
    if run.metrics is None:
        about += " The training has not ended, or was cut off: there may be more epochs to come."
    elif first.best:
        about += f" That epoch was chosen as the best one: the archive has its weights. {_CHOSEN}"
    intervals = [scores.interval() for scores in found]
    rows = [[one.task, one.metric, f"{one.examples:,}", _percent(one.score)] for one in found]
    columns, rows = _with_intervals(["task", "metric", "examples", "score"], rows, intervals)
    if first.place != len(first.epochs) - 1:
        columns.append("score after the last epoch")
        for row, scores in zip(rows, found, strict=True):
            row.append(_percent(float(scores.scores[-1])))
    blocks: list[Block] = [Text(about), Table(columns, rows)]
    if any(intervals):
        blocks.append(Text(_INTERVALS))
        blocks.append(_chart("Scores of the validation data", found, intervals))
    return blocks


def _evaluated(found: Sequence[TaskScores]) -> list[Block]:
    if not found:
        return []
    intervals = [scores.interval() for scores in found]
    about = "Scores that 'allennlp evaluate' wrote into the folder, times 100."
    rows = [
        [one.data, one.task, one.metric, f"{one.examples:,}", _percent(one.score)] for one in found
    ]
    columns = ["evaluation", "task", "metric", "examples", "score"]
    columns, rows = _with_intervals(columns, rows, intervals)
    if any(scores.path for scores in found):
        columns.append("data file")
        for row, scores in zip(rows, found, strict=True):
            row.append(scores.path or UNDEFINED)
    return [Text(about), Table(columns, rows)]


def _with_intervals(
    columns: list[str], rows: list[list[str]], intervals: Sequence[Interval]
) -> tuple[list[str], list[list[str]]]:
    if not any(intervals):
        return columns, rows
    cells = [UNDEFINED if ends is None else _ends(ends) for ends in intervals]
    shown = [[*row, cell] for row, cell in zip(rows, cells, strict=True)]
    return [*columns, "95 % interval"], shown


def _chart(title: str, found: Sequence[TaskScores], intervals: Sequence[Interval]) -> Chart:
    rows: list[dict[str, Any]] = []
    for scores, ends in zip(found, intervals, strict=True):
        low, high = map(times_100, ends or (None, None))
        name = f"{scores.task} ({scores.metric})"
        rows.append({"task": name, "score": 100 * scores.score, "low": low, "high": high})
    spec = dots(rows, "task", "score", "low", "high", value_title="score × 100")
    about = "The score of each task with its 95 % interval; the table above has the numbers."
    return Chart(title, spec, about)


def _moment(run: RunFolder) -> str:
    """What the columns of the metrics are."""
    if run.metrics is None:
        return f"From the latest of {plural(len(run.epochs), 'epoch')}: the training has not ended."
    best = run.metrics.get("best_epoch")
    about = "As metrics.json has them."
    if best is not None:
        about += f" The best epoch is number {best + 1}; the archive has its weights."
    return (
        f"{about} Training metrics are taken while the weights change, and with dropout: they are "
        "not those of the trained model on the same data."
    )


def _percent(score: float) -> str:
    return number(times_100(score), 1)


def _ends(ends: tuple[float, float]) -> str:
    return interval(100 * ends[0], 100 * ends[1], 1)
