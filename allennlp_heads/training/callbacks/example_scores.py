"""Keeps what every validation says of every example, for intervals and paired tests."""

import logging
from collections import defaultdict
from pathlib import Path
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import TensorDict
from allennlp.training.callbacks import TrainerCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads import distributed as workers
from allennlp_heads.collect import ExampleCounts, main_metrics
from allennlp_heads.collect.example_counts import joined
from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.models.gold import require_gold
from allennlp_heads.reports.files import remove_leftovers
from allennlp_heads.reports.score_history import ScoreHistory, Scores
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
      accumulation, and with several workers, several batches are one update), and by task its
      `batches` and `examples`, an example counted each time that it is trained on. `null` where a
      run was resumed from a checkpoint that does not know, and where several workers train with
      another data loader than `multitask_bucketed`.

    In distributed training these are the numbers of all workers, as of one process. A run resumed
    with `--recover` continues the files. A failure to write them is logged and never stops the
    training.

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
        self._writes = True

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
        resumed = epochs or trainer._start_after_batches_in_epoch_completed
        if workers.world_size() > 1 and not isinstance(trainer.data_loader, MultiTaskBucketed):
            self._trained = None  # the workers need not have equally many updates to count
        elif self._trained is None and not resumed:
            self._trained = TrainedCounts()
        self._writes = is_primary and workers.is_primary()
        if self._writes:
            remove_leftovers(self._folder)
        if epochs and self._writes:
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
        if is_training:
            if self._trained is not None:
                self._trained.add(epoch, _tasks_of_all_workers(batch_inputs))
            return
        for inputs, outputs in zip(batch_inputs, batch_outputs, strict=True):
            if inputs.get("task") != []:  # that of a worker for which no batch is left
                self._counts.add(trainer.model, inputs, outputs)

    def on_epoch(
        self,
        trainer: GradientDescentTrainer,
        metrics: dict[str, Any],
        epoch: int,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        collected = _of_all_workers(self._counts.take())
        if not self._writes or not collected:
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


def _of_all_workers(collected: dict[str, Scores]) -> dict[str, Scores]:
    """Collective: the scores of the examples of all workers."""
    parts: dict[str, list[Scores]] = defaultdict(list)
    for of_worker in workers.gather_objects(collected):
        for task, scores in of_worker.items():
            parts[task].append(scores)
    return {task: joined(scores) for task, scores in sorted(parts.items())}


def _tasks_of_all_workers(batches: list[TensorDict]) -> list[list[str]]:
    """Collective: the task of each example of each batch of an update."""
    own = [_tasks(batch) for batch in batches]
    return [tasks for of_worker in workers.gather_objects(own) for tasks in of_worker]


def _tasks(batch: TensorDict) -> list[str]:
    """
    The task of each example; none in a batch without tasks, which the first validation refuses, or
    without examples, which a worker gets for which none is left.
    """
    tasks: Any = batch.get("task", [])
    return list(tasks)
