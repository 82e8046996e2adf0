"""The counts and losses of each example, put together from the batches of a pass."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy
import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.score_history import Scores

NUMBERS = ("example_counts", "example_loss", "example_units")
"""What the model says of each example of a batch with gold."""

Rows = dict[str, list[tuple[int, numpy.ndarray, float, int]]]


class ExampleCounts:
    """
    Collects, batch by batch, what a model says of the examples.

    # Parameters

    asked_by : `str`
        Who asks for it, as it is called in a configuration: `"trainer.callbacks:
        'example_scores'"`. For messages.
    """

    def __init__(self, asked_by: str) -> None:
        self._asked_by = asked_by
        self._rows: Rows = defaultdict(list)

    def add(self, model: torch.nn.Module, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        """
        Add a batch.

        # Parameters

        model : `torch.nn.Module`
        inputs : `Dict[str, Any]`
            What the model was given. `task` and `example` are taken from here if the model does not
            repeat them.
        outputs : `Dict[str, Any]`
            What it returned.

        Raises `ConfigurationError` when the batch lacks the numbers of its examples.
        """
        found = {**inputs, **outputs}
        self._check(model, found)
        columns = [_column(found[key]) for key in ("example", *NUMBERS)]
        for task, *row in zip(found["task"], *columns, strict=True):
            self._rows[task].append(tuple(row))

    def take(self) -> dict[str, Scores]:
        """What was added since the last call: task -> its scores, in the order of the batches."""
        collected, self._rows = self._rows, defaultdict(list)
        return {task: _scores(rows) for task, rows in collected.items()}

    def _check(self, model: torch.nn.Module, found: dict[str, Any]) -> None:
        missing = [key for key in ("task", "example", *NUMBERS) if found.get(key) is None]
        if not missing:
            return
        if "task" in missing or "example" in missing:
            advice = "use the loader 'multitask_bucketed', which puts them into every batch"
        else:
            task = found["task"][0]
            head = getattr(model, "heads", {task: model})[task]
            advice = (
                f"the head {type(head).__name__} of the task '{task}' must give them, and the "
                "data must be labelled"
            )
        raise ConfigurationError(
            f"{self._asked_by} misses {missing} in a batch of {type(model).__name__}: {advice}. "
            "Or remove it"
        )


def joined(parts: Sequence[Scores]) -> Scores:
    """Scores of different examples of a task, in the order of the examples' numbers."""
    together = Scores(*(numpy.concatenate(values) for values in zip(*parts, strict=True)))
    order = numpy.argsort(together.example, kind="stable")
    return Scores(*(values[order] for values in together))


def main_metrics(model: torch.nn.Module) -> dict[str, str]:
    """The metric that each task's counts belong to, of the heads that name one."""
    heads = getattr(model, "heads", {}).items()
    return {task: head.main_metric[0] for task, head in heads if hasattr(head, "main_metric")}


def _scores(rows: list[Any]) -> Scores:
    example, counts, loss, units = zip(*rows, strict=True)
    stacked = numpy.stack(counts)
    exact = numpy.issubdtype(stacked.dtype, numpy.integer)
    return Scores(
        numpy.array(example, dtype=numpy.int64),
        stacked.astype(numpy.int32 if exact else numpy.float64),
        numpy.array(loss, dtype=numpy.float32),
        numpy.array(units, dtype=numpy.int32),
    )


def _column(values: Any) -> Any:
    return values.detach().cpu().numpy() if isinstance(values, torch.Tensor) else values
