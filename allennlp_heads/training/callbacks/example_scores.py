"""Keeps what every validation says of every example, for intervals and paired tests."""

import logging
from pathlib import Path
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.common.util import is_distributed
from allennlp.data import TensorDict
from allennlp.training.callbacks import TrainerCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads.collect import ExampleCounts, main_metrics
from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.models.gold import require_gold
from allennlp_heads.reports.files import remove_leftovers
from allennlp_heads.reports.score_history import ScoreHistory
from allennlp_heads.training.attempt import attempt
from allennlp_heads.training.run_info import run_data, run_seed
from allennlp_heads.training.trained_counts import TrainedCounts

logger = logging.getLogger(__name__)


@TrainerCallback.register("example_scores")
class ExampleScores(TrainerCallback):
    """
    Collects the per-example counts of each validation from the batches the trainer runs anyway and
    writes them into `<serialization_dir>/heads/scores/`:

    - `<task>.validation.npz`: `epochs` `[evaluations]`, `example` `[examples]`, `counts`
      `[evaluations, examples, K]` (correct, predicted, gold, or what else the head's main metric
      takes; see [`Measure`](../../analysis/measures.md)), `loss` `[evaluations, examples]` (sum
      over the example's units) and `units` `[examples]`;
    - `scores.json`: their sums, or for correlations the scores; and under `trained` what was spent
      up to then: `epochs`, in each of them the `updates` of the optimizer (with gradient
      accumulation several batches are one update), and by task its `batches` and `examples`, an
      example counted each time that it is trained on. `null` where a run was resumed from a
      checkpoint that does not know, and where several workers train, of which each sees its own
      share only.

    A run resumed with `--recover` continues the files. A failure to write them is logged and never
    stops the training.

    Registered as `"example_scores"`.

    Raises `ConfigurationError` when the model or its loader does not give the numbers of examples,
    and, before anything is trained, for data without gold.
    """

    def __init__(self, serialization_dir: str) -> None:
        super().__init__(serialization_dir)
        self._folder = Path(serialization_dir) / "heads" / "scores"
        self._history = ScoreHistory()
        self._counts = ExampleCounts("trainer.callbacks: 'example_scores'")
        self._trained: Optional[TrainedCounts] = None

    def on_start(
        self, trainer: GradientDescentTrainer, is_primary: bool = True, **kwargs: Any
    ) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        for loader in (trainer.data_loader, trainer._validation_data_loader):
            _require_gold(trainer.model, loader)
        self._history = ScoreHistory(
            seed=run_seed(self.serialization_dir), data_files=run_data(self.serialization_dir)
        )
        epochs = trainer._start_after_epochs_completed
        if is_distributed():
            self._trained = None
        elif self._trained is None and not (
            epochs or trainer._start_after_batches_in_epoch_completed
        ):
            self._trained = TrainedCounts()
        if is_primary:
            remove_leftovers(self._folder)
        if epochs and is_primary:
            try:
                self._history.read_back(self._folder, before=epochs)
            except ConfigurationError as error:
                logger.warning("The scores of examples start at epoch %d: %s", epochs, error)
        self._history.metrics = main_metrics(trainer.model)

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
        if not is_primary:
            return
        if is_training:
            if self._trained is not None:
                self._trained.add(epoch, [_tasks(batch) for batch in batch_inputs])
            return
        for inputs, outputs in zip(batch_inputs, batch_outputs, strict=True):
            self._counts.add(trainer.model, inputs, outputs)

    def on_epoch(
        self,
        trainer: GradientDescentTrainer,
        metrics: dict[str, Any],
        epoch: int,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        collected = self._counts.take()
        if not is_primary or not collected:
            return
        for task, scores in collected.items():
            self._history.add(task, epoch, scores)
        self._history.best_epoch = metrics.get("best_epoch")
        self._history.trained = None if self._trained is None else self._trained.report()
        attempt(lambda: self._history.write(self._folder), "The scores of the examples")

    def state_dict(self) -> dict[str, Any]:
        return {} if self._trained is None else {"trained": self._trained.state()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        # before on_start; checkpoints of older releases have none
        if "trained" in state_dict:
            self._trained = TrainedCounts(state_dict["trained"])


def _require_gold(model: Any, loader: Any) -> None:
    heads = getattr(model, "heads", {})
    if isinstance(loader, MultiTaskBucketed):
        for task, instances in loader.instances.items():
            fields = {name for instance in instances for name in instance.fields}
            require_gold(heads, task, fields, loader.paths[task])


def _tasks(batch: TensorDict) -> list[str]:
    """The task of each example; none in a batch without, which the first validation refuses."""
    tasks: Any = batch.get("task", [])
    return list(tasks)
