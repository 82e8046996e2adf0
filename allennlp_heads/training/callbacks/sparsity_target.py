"""Leads head gates to a given share of closed heads."""

import logging
from pathlib import Path
from typing import Any

from allennlp.common import Lazy
from allennlp.common.checks import ConfigurationError
from allennlp.data import TensorDict
from allennlp.training.callbacks import TensorBoardCallback, TrainerCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads import distributed as workers
from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.reports.files import remove_leftovers
from allennlp_heads.reports.sparsity_history import SparsityHistory
from allennlp_heads.training.attempt import attempt
from allennlp_heads.training.averaged import averaged
from allennlp_heads.training.eligible import require
from allennlp_heads.training.run_info import run_data, run_seed
from allennlp_heads.training.sparsity_controls import Lagrangian, Progress, SparsityControl
from allennlp_heads.training.sparsity_sets import SparsitySet, sparsity_sets
from allennlp_heads.training.updates import updates_of_an_epoch

logger = logging.getLogger(__name__)


@TrainerCallback.register("sparsity_target")
class SparsityTarget(TrainerCallback):
    """
    Closes a given share of the heads, by changing the coefficient of the gates' penalty after every
    update (of all batches that are accumulated to it or distributed to workers, where there are
    such). Without this callback the coefficient stays as it is configured.

    The target is reached when the number of closed heads, in the weights that are validated and
    saved, is `round(target * heads)` or one off. Only epochs that have reached it may be the best
    one and count for `patience`; if none ever does, the last epoch is archived, with a warning that
    says how near the training came.

    Each set of gates is led to the target on its own: every task's with `per_task`, every module's
    where there are several, and in models other than `multitask_heads`, whose gates the regularizer
    `hard_concrete_l0` penalises. Gates made final (by `remove_heads`) are left alone.

    Writes into `<serialization_dir>/heads/`: `sparsity.json` after every epoch, and at the end
    `sparsity.png` and `.svg`. Where AllenNLP's callback `tensorboard` is configured, the numbers
    also go there. A run resumed with `--recover` continues as if it had not been killed. A failure
    to write is logged and never stops the training.

    Registered as `"sparsity_target"`. List it before `exact_resume`.

    # Parameters

    serialization_dir : `str`
        Given by AllenNLP.
    target : `float`
        Share of heads to close, at least 0 and less than 1.
    control : `SparsityControl`, optional (default = `lagrangian`)
        `lagrangian` finds the coefficient; `ramp` follows a plan and hopes.
    threshold : `float`, optional (default = `0.5`)
        A head is closed when its evaluation gate is not above, at least 0 and less than 1. That of
        `allennlp heads prune` and `remove_heads` should be the same.

    Raises `ConfigurationError` for numbers out of range and a target that would close all heads;
    before training when the model has no learned gates or nothing penalises them, without
    validation data, and when the number of updates is not known.
    """

    def __init__(
        self,
        serialization_dir: str,
        target: float,
        control: Lazy[SparsityControl] = Lazy(Lagrangian),
        threshold: float = 0.5,
    ) -> None:
        super().__init__(serialization_dir)
        for key, value in (("target", target), ("threshold", threshold)):
            if not isinstance(value, (int, float)) or not 0 <= value < 1:
                raise ConfigurationError(
                    f"trainer.callbacks, 'sparsity_target': '{key}' is {value}: give a number from "
                    "0 to below 1"
                )
        self._folder = Path(serialization_dir) / "heads"
        self._target = target
        self._threshold = threshold
        self._control = control
        self._writes = True
        self._sets: dict[str, SparsitySet] = {}
        self._controls: dict[str, SparsityControl] = {}
        self._history = SparsityHistory({}, {}, {})
        self._updates = 0
        self._total = self._epoch_updates = 1
        self._restored: dict[str, Any] | None = None

    def on_start(
        self, trainer: GradientDescentTrainer, is_primary: bool = True, **kwargs: Any
    ) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        self._sets = sparsity_sets(trainer.model, self._target, self._threshold)
        self._epoch_updates = updates_of_an_epoch(trainer, "sparsity_target")
        self._total = self._epoch_updates * trainer._num_epochs
        self._controls = {key: self._control.construct() for key in self._sets}
        self._history = self._new_history()
        if self._restored is not None:
            self._continue_from(self._restored)
        else:
            for key, gates in self._sets.items():
                self._controls[key].start(gates.measure(), gates.coefficient)
        self._set_coefficients()
        require(trainer, lambda: self._reached(trainer))
        self._writes = is_primary and workers.is_primary()
        if self._writes:
            remove_leftovers(self._folder)

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
        if not is_training:
            return
        self._updates += 1
        tasks = self._tasks_of(trainer, batch_outputs)
        progress = self._progress()
        for key, gates in self._sets.items():
            if gates.gates.binary:
                continue
            measured = gates.measure()
            # gates of a task that had no batch have not been pushed and cannot have moved
            if gates.task is None or gates.task in tasks:
                self._controls[key].advance(measured, progress)
            gates.coefficient = self._controls[key].coefficient(measured, progress)

    def on_epoch(
        self,
        trainer: GradientDescentTrainer,
        metrics: dict[str, Any],
        epoch: int,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        with averaged(trainer):
            numbers = {key: self._numbers(gates) for key, gates in self._sets.items()}
        self._history.best_epoch = metrics.get("best_epoch")
        self._history.entries.append({"epoch": epoch, "updates": self._updates, "sets": numbers})
        if self._writes:
            attempt(lambda: self._write_epoch(epoch), "The report of the closed heads")

    def on_end(
        self,
        trainer: GradientDescentTrainer,
        metrics: dict[str, Any] | None = None,
        epoch: int | None = None,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        if not self._writes or not self._history.entries:
            return
        attempt(self._write_end, "The picture of the closed heads")
        # without metrics training broke off and may be resumed
        if metrics is not None and not self._history.reached():
            logger.warning("%s", self._missed())

    def state_dict(self) -> dict[str, Any]:
        return {
            "updates": self._updates,
            "controls": {key: control.state_dict() for key, control in self._controls.items()},
            "entries": list(self._history.entries),
            "best_epoch": self._history.best_epoch,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        # the model is known in on_start
        self._restored = state_dict

    def _continue_from(self, state: dict[str, Any]) -> None:
        self._restored = None
        self._updates = state["updates"]
        self._history.entries = list(state["entries"])
        self._history.best_epoch = state["best_epoch"]
        for key, control in self._controls.items():
            control.load_state_dict(state["controls"][key])

    def _set_coefficients(self) -> None:
        for key, gates in self._sets.items():
            if not gates.gates.binary:
                control = self._controls[key]
                gates.coefficient = control.coefficient(gates.measure(), self._progress())

    def _tasks_of(
        self, trainer: GradientDescentTrainer, batch_outputs: list[dict[str, Any]]
    ) -> set[str]:
        """The tasks of an update, where it matters: those of the batches of all workers."""
        names = {gates.task for gates in self._sets.values() if gates.task is not None}
        if not names:
            return set()
        if workers.world_size() > 1 and not isinstance(trainer.data_loader, MultiTaskBucketed):
            return names  # the workers need not have equally many updates to talk about
        own = {task for outputs in batch_outputs for task in outputs.get("task", ())}
        return {task for tasks in workers.gather_objects(sorted(own)) for task in tasks}

    def _progress(self) -> Progress:
        return Progress(self._updates, self._total, self._epoch_updates)

    def _reached(self, trainer: GradientDescentTrainer) -> bool:
        with averaged(trainer):
            return all(gates.measure().reached for gates in self._sets.values())

    def _new_history(self) -> SparsityHistory:
        first = {key: gates.measure() for key, gates in self._sets.items()}
        names = {SparsityControl.by_name(name): name for name in SparsityControl.list_available()}
        about = {
            "target": self._target,
            "threshold": self._threshold,
            "control": [names.get(type(control)) for control in self._controls.values()][0],
            "data_files": run_data(self.serialization_dir),
        }
        return SparsityHistory(
            {key: measured.heads for key, measured in first.items()},
            {key: measured.wanted for key, measured in first.items()},
            about,
            run_seed(self.serialization_dir),
        )

    def _numbers(self, gates: SparsitySet) -> dict[str, Any]:
        measured = gates.measure()
        return {
            "closed": measured.closed,
            "share": measured.closed / measured.heads,
            "expected_share": measured.expected,
            "coefficient": None if gates.gates.binary else gates.coefficient,
            "reached": measured.reached,
        }

    def _write_epoch(self, epoch: int) -> None:
        self._history.write(self._folder)
        for callback in self.trainer._callbacks if self.trainer else []:
            if isinstance(callback, TensorBoardCallback):
                numbers = {
                    f"{key}/{name}": float(value)
                    for key, of_set in self._history.entries[-1]["sets"].items()
                    for name, value in of_set.items()
                    if value is not None
                }
                callback.log_scalars(numbers, log_prefix="sparsity", epoch=epoch)

    def _write_end(self) -> None:
        self._history.write(self._folder)
        self._history.write_picture(self._folder)

    def _missed(self) -> str:
        near = []
        for key, wanted in self._history.wanted.items():
            closed, epoch = self._history.nearest(key)
            near.append(
                f"{key}: {closed} of {self._history.heads[key]} heads closed in epoch {epoch}, "
                f"{wanted} wanted"
            )
        return (
            f"The target {self._target} of 'sparsity_target' was reached in no epoch; the archive "
            f"is that of the last one. Nearest came {'; '.join(near)}. Train more epochs or give "
            "the gates (parameter group 'log_alpha') a higher learning rate, 0.05 to 0.1 in short "
            "runs; their rate times all updates should be 10 or more. With the control 'ramp', "
            "change its 'coefficient' or use 'lagrangian'"
        )
