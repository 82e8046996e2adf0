"""Keeps what every validation says of every example, for intervals and paired tests."""

import logging
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import TensorDict
from allennlp.training.callbacks import TrainerCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads.reports.files import remove_leftovers
from allennlp_heads.reports.score_history import ScoreHistory, Scores
from allennlp_heads.training.attempt import attempt
from allennlp_heads.training.run_info import run_data, run_seed

logger = logging.getLogger(__name__)

NUMBERS = ("example_counts", "example_loss", "example_units")
"""What the model says of each example of a validation batch."""

Rows = dict[str, list[tuple[int, numpy.ndarray, float, int]]]


@TrainerCallback.register("example_scores")
class ExampleScores(TrainerCallback):
    """
    Collects the per-example counts of each validation from the batches the trainer runs anyway and
    writes them into `<serialization_dir>/heads/scores/`:

    - `<task>.validation.npz`: `epochs` `[evaluations]`, `example` `[examples]`, `counts`
      `[evaluations, examples, 3]` (correct, predicted, gold), `loss` `[evaluations, examples]`
      (sum over the example's units) and `units` `[examples]`;
    - `scores.json`: their sums.

    A run resumed with `--recover` continues the files. A failure to write them is logged and never
    stops the training.

    Registered as `"example_scores"`.

    Raises `ConfigurationError` when the model or its loader does not give the numbers of examples.
    """

    def __init__(self, serialization_dir: str) -> None:
        super().__init__(serialization_dir)
        self._folder = Path(serialization_dir) / "heads" / "scores"
        self._history = ScoreHistory()
        self._rows: Rows = defaultdict(list)

    def on_start(
        self, trainer: GradientDescentTrainer, is_primary: bool = True, **kwargs: Any
    ) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        self._history = ScoreHistory(
            seed=run_seed(self.serialization_dir), data_files=run_data(self.serialization_dir)
        )
        epochs = trainer._start_after_epochs_completed
        if is_primary:
            remove_leftovers(self._folder)
        if epochs and is_primary:
            try:
                self._history.read_back(self._folder, before=epochs)
            except ConfigurationError as error:
                logger.warning("The scores of examples start at epoch %d: %s", epochs, error)
        for task, head in getattr(trainer.model, "heads", {}).items():
            if hasattr(head, "main_metric"):
                self._history.metrics[task] = head.main_metric[0]

    def on_batch(
        self,
        trainer: GradientDescentTrainer,
        batch_inputs: list[TensorDict],
        batch_outputs: list[dict[str, Any]],
        batch_metrics: dict[str, Any],
        epoch: int,
        batch_number: int,
        is_training: bool,
        is_primary: bool = True,
        batch_grad_norm: float | None = None,
        **kwargs: Any,
    ) -> None:
        if is_training or not is_primary:
            return
        for inputs, outputs in zip(batch_inputs, batch_outputs, strict=True):
            # A model need not repeat what the loader put into the batch.
            found = {**inputs, **outputs}
            _check(trainer.model, found)
            columns = [_column(found[key]) for key in ("example", *NUMBERS)]
            for task, *row in zip(found["task"], *columns, strict=True):
                self._rows[task].append(tuple(row))

    def on_epoch(
        self,
        trainer: GradientDescentTrainer,
        metrics: dict[str, Any],
        epoch: int,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        collected, self._rows = self._rows, defaultdict(list)
        if not is_primary or not collected:
            return
        for task, rows in collected.items():
            example, counts, loss, units = zip(*rows, strict=True)
            scores = Scores(
                numpy.array(example, dtype=numpy.int64),
                numpy.stack(counts).astype(numpy.int32),
                numpy.array(loss, dtype=numpy.float32),
                numpy.array(units, dtype=numpy.int32),
            )
            self._history.add(task, epoch, scores)
        self._history.best_epoch = metrics.get("best_epoch")
        attempt(lambda: self._history.write(self._folder), "The scores of the examples")


def _check(model: torch.nn.Module, found: dict[str, Any]) -> None:
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
            "validation data must be labelled"
        )
    raise ConfigurationError(
        f"trainer.callbacks: 'example_scores' misses {missing} in a validation batch of "
        f"{type(model).__name__}: {advice}. Or remove the callback"
    )


def _column(values: Any) -> Any:
    return values.detach().cpu().numpy() if isinstance(values, torch.Tensor) else values
