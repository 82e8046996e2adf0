"""The metrics of `metrics.json` as a table: a row a metric, a column a part of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from allennlp_heads.reports.page.blocks import Table
from allennlp_heads.reports.page.cells import number

_COLUMNS = {
    "training_": "training, last epoch",
    "validation_": "validation, last epoch",
    "best_validation_": "validation, best epoch",
    "test_": "test",
}
_NO_METRICS = ("duration", "epochs", "start_epoch")


def metrics_table(metrics: Mapping[str, Any], tasks: Sequence[str]) -> Table | None:
    """
    # Parameters

    metrics : `Mapping[str, Any]`
        As AllenNLP's trainer writes them.
    tasks : `Sequence[str]`
        Their names begin the names of their metrics.

    # Returns

    `Table`, or `None` when there are no metrics
        With columns for the parts that have any.
    """
    found = {prefix: numbers_of(metrics, prefix) for prefix in _COLUMNS}
    shown = [prefix for prefix in _COLUMNS if found[prefix]]
    if not shown:
        return None
    names = dict.fromkeys(name for prefix in shown for name in found[prefix])
    split = [(*task_and_metric(name, tasks), name) for name in names]
    # metrics of no task, as the loss, come last
    split.sort(key=lambda one: (one[0] not in tasks, one[0]))
    rows = [
        [task or "all" if tasks else "", metric, *(number(found[p].get(name), 4) for p in shown)]
        for task, metric, name in split
    ]
    columns = ["task", "metric", *(_COLUMNS[prefix] for prefix in shown)]
    if not tasks:
        return Table(columns[1:], [row[1:] for row in rows])
    return Table(columns, rows)


def numbers_of(metrics: Mapping[str, Any], prefix: str) -> dict[str, float]:
    """The numbers whose names begin with `prefix`, by the rest of their names."""
    return {
        key.removeprefix(prefix): value
        for key, value in metrics.items()
        if key.startswith(prefix)
        and isinstance(value, (int, float))
        and not key.endswith("_memory_MB")
        and key.removeprefix(prefix) not in _NO_METRICS
    }


def task_and_metric(name: str, tasks: Sequence[str]) -> tuple[str, str]:
    """
    The task and the metric of a name as `dep_LAS`; the task is `""` where the name begins with
    none. Of tasks whose names begin alike, the longest one counts.
    """
    fitting = [task for task in tasks if name.startswith(f"{task}_")]
    task = max(fitting, key=len, default="")
    return task, name[len(task) + 1 :] if task else name
