"""How a training went: scores and losses by epoch, and every metric of every task folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from allennlp_heads.reports.page.blocks import Block, Chart, Section, Text
from allennlp_heads.reports.page.charts import lines
from allennlp_heads.reports.page.configured import task_heads
from allennlp_heads.reports.page.metrics_table import numbers_of, task_and_metric
from allennlp_heads.reports.page.run_folder import RunFolder
from allennlp_heads.reports.page.task_scores import VALIDATION, TaskScores, read_task_scores

_EPOCH = "epoch"
_VALIDATION, _TRAINING = "validation_", "training_"
_LOSSES = {
    "training_loss": "training",
    "validation_loss": "validation",
    "training_reg_loss": "training penalty",
}

Row = dict[str, Any]


def sections(run: RunFolder) -> list[Section]:
    """
    From the scores of the validations and `metrics_epoch_*.json`; nothing for a single epoch, which
    makes no curve.
    """
    found = [
        scores
        for report in run.reports("scores")
        for scores in read_task_scores(report)
        if scores.data == VALIDATION and len(scores.epochs) > 1
    ]
    several = run.epochs if len(run.epochs) > 1 else []
    blocks = [*_scores(found), *_losses(several), *_task_losses(found)]
    made = [Section("curves", "Learning curves", blocks)] if blocks else []
    charts = list(_metrics(several, list(task_heads(run.config)) or [""]))
    if charts:
        about = "Metrics of the validation data, as AllenNLP wrote them after each epoch."
        title = "Learning curves of all metrics"
        made.append(Section("all-curves", title, [Text(about), *charts], folded=bool(blocks)))
    return made


def _scores(found: Sequence[TaskScores]) -> list[Block]:
    if not found:
        return []
    rows = [
        {_EPOCH: epoch + 1, "score": 100 * float(score), "task": f"{one.task} ({one.metric})"}
        for one in found
        for epoch, score in zip(one.epochs, one.scores, strict=True)
    ]
    description = "Validation score of each task after each epoch."
    if found[0].best:
        description += f" The best of these epochs is number {found[0].epoch + 1}."
    spec = lines(rows, _EPOCH, "score", "task", _EPOCH, "validation score × 100")
    return [Chart("Scores by epoch", spec, description)]


def _losses(epochs: Sequence[Row]) -> list[Block]:
    rows = [
        {_EPOCH: _number(metrics, place), "loss": metrics[key], "part": part}
        for place, metrics in enumerate(epochs)
        for key, part in _LOSSES.items()
        if isinstance(metrics.get(key), (int, float))
    ]
    penalised = any(metrics.get("training_reg_loss") for metrics in epochs)
    if not penalised:
        rows = [row for row in rows if row["part"] != _LOSSES["training_reg_loss"]]
    if not rows:
        return []
    about = (
        f"That of the training has dropout{' and the penalty' if penalised else ''} in it; that of "
        "the validation has not, so that it can be the lower one."
    )
    spec = lines(rows, _EPOCH, "loss", "part", _EPOCH, "mean loss of a batch")
    return [Chart("Loss by epoch", spec, f"Losses are means over batches. {about}")]


def _task_losses(found: Sequence[TaskScores]) -> list[Block]:
    if len(found) < 2:
        return []
    rows = [
        {_EPOCH: epoch + 1, "loss": float(loss), "task": one.task}
        for one in found
        for epoch, loss in zip(one.epochs, one.losses, strict=True)
    ]
    description = "Validation loss by task and epoch: the mean over all that a task is scored for."
    spec = lines(rows, _EPOCH, "loss", "task", _EPOCH, "mean validation loss")
    return [Chart("Validation loss by task", spec, description)]


def _metrics(epochs: Sequence[Row], tasks: Sequence[str]) -> Iterator[Chart]:
    for task in tasks:
        rows = list(_rows_of(epochs, task, tasks))
        if rows:
            spec = lines(rows, _EPOCH, "value", "metric", _EPOCH, "value")
            yield Chart(task or "All metrics", spec, "Metrics of the validation data by epoch.")


def _rows_of(epochs: Sequence[Row], task: str, tasks: Sequence[str]) -> Iterator[Row]:
    for place, metrics in enumerate(epochs):
        for name, value in numbers_of(metrics, _VALIDATION).items():
            owner, metric = task_and_metric(name, tasks)
            if owner == task and not metric.endswith("loss"):
                yield {_EPOCH: _number(metrics, place), "value": value, "metric": metric}


def _number(metrics: Row, place: int) -> int:
    """The number of an epoch for people, from 1."""
    return int(metrics.get("epoch", place)) + 1
