"""Reports the head gates of every epoch as numbers and pictures."""

import logging
from pathlib import Path
from typing import Any, NamedTuple

import numpy
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.training.callbacks import TensorBoardCallback, TrainerCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads import distributed as workers
from allennlp_heads.gates import HeadGates, check_regularizer
from allennlp_heads.modules import GatedEncoder
from allennlp_heads.reports.files import remove_leftovers
from allennlp_heads.reports.gate_history import BEFORE_TRAINING, Entry, GateHistory
from allennlp_heads.training.attempt import attempt
from allennlp_heads.training.run_info import run_data, run_seed

logger = logging.getLogger(__name__)


class GateSet(NamedTuple):
    """Gates of one module, for one task where tasks have gates of their own."""

    gates: HeadGates
    task: str | None
    owner: torch.nn.Module
    """The module that has the gates, usually a `GatedEncoder`."""

    @property
    def encoder(self) -> str | None:
        """Name of the transformer, as configured."""
        return getattr(self.owner, "transformer_model", None)

    def exists(self) -> numpy.ndarray:
        """`[layers, heads]`, `bool`: which cells stand for a head, as `grid` counts them."""
        return self._placed(self.gates.mask)

    def grid(self) -> numpy.ndarray:
        """The evaluation gates `[layers, heads]`, heads numbered as before any was removed."""
        return self._placed(self.gates.deterministic(self.task).detach().float())

    def _placed(self, values: torch.Tensor) -> numpy.ndarray:
        if isinstance(self.owner, GatedEncoder):
            values = self.owner.in_original_numbering(values)
        return values.cpu().numpy()


def find_gates(model: torch.nn.Module) -> dict[str, GateSet]:
    """
    All sets of gates in a model by name: `gates` or the tasks' names where one module has them,
    otherwise the module's name with the task's behind it.
    """
    modules: dict[str, HeadGates] = {}
    for name, module in model.named_modules():
        inside_other_gates = any(name.startswith(f"{outer}.") for outer in modules)
        if isinstance(module, HeadGates) and not inside_other_gates:
            modules[name] = module
    sets: dict[str, GateSet] = {}
    for name, gates in modules.items():
        first = "" if len(modules) == 1 else name
        owner = model.get_submodule(name.rpartition(".")[0])
        for task in gates.tasks or [""]:
            key = ".".join(filter(None, (first, task))) or "gates"
            sets[key] = GateSet(gates, task or None, owner)
    return sets


@TrainerCallback.register("gate_report")
class GateReport(TrainerCallback):
    """
    Writes the evaluation gates of every epoch into `<serialization_dir>/heads/`:

    - `gates.json`: counts of open heads and the spread of the gates, for each epoch from before
      training (epoch -1) on, and `final`, those of the archived weights;
    - `gates.npz`: the gates themselves, `[epochs, layers, heads]`;
    - `gates.png`, `gates.svg`: the latest epoch, and `gates_best.*`, the archived weights: layers
      downward, heads across, white closed, black open;
    - `gates.gif`: one frame an epoch.

    With several sets of gates (one a task, or several encoders) the pictures carry the set's name.
    Where AllenNLP's callback `tensorboard` is configured, picture and number of open heads also go
    there. A run resumed with `--recover` continues the files. While training goes on, a failure to
    write them is logged and never stops it.

    Registered as `"gate_report"`.

    # Parameters

    serialization_dir : `str`
        Given by AllenNLP.
    threshold : `float`, optional (default = `1e-3`)
        A head is open when its gate is above.
    gif : `bool`, optional (default = `True`)
        Whether to write the animation at the end.

    Raises `ConfigurationError` before training when the model has no head gates, or a regularizer
    `hard_concrete_l0` matches none.
    """

    def __init__(self, serialization_dir: str, threshold: float = 1e-3, gif: bool = True) -> None:
        super().__init__(serialization_dir)
        self._folder = Path(serialization_dir) / "heads"
        self._threshold = threshold
        self._gif = gif
        self._writes = True
        self._sets: dict[str, GateSet] = {}
        self._history = GateHistory({})

    def on_start(
        self, trainer: GradientDescentTrainer, is_primary: bool = True, **kwargs: Any
    ) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        self._sets = find_gates(trainer.model)
        if not self._sets:
            raise ConfigurationError(
                "trainer.callbacks: 'gate_report' found no head gates in the model. Give the "
                "backbone or token embedder 'gated_transformer' some, as in "
                '"gates": "hard_concrete", or remove the callback'
            )
        check_regularizer(trainer.model, trainer.model._regularizer)
        self._writes = is_primary and workers.is_primary()
        if not self._writes:
            return
        remove_leftovers(self._folder)
        tasks = list(getattr(trainer.model, "heads", ()))
        exists = {key: found.exists() for key, found in self._sets.items()}
        about = {
            "encoder": {key: found.encoder for key, found in self._sets.items()},
            "tasks": sorted(tasks),
            "tasks_of_set": {
                key: [found.task] if found.task else tasks for key, found in self._sets.items()
            },
            "data_files": run_data(self.serialization_dir),
        }
        seed = run_seed(self.serialization_dir)
        self._history = GateHistory(exists, self._threshold, about, seed)
        epochs = trainer._start_after_epochs_completed
        if epochs or trainer._start_after_batches_in_epoch_completed:
            self._continue_from(epochs)
        else:
            self._history.entries = [Entry(BEFORE_TRAINING, 0, False, self._grids())]
            # at once, or a run resumed in its first epoch would lack it
            attempt(lambda: self._history.write(self._folder), "The report of the gates")

    def on_epoch(
        self,
        trainer: GradientDescentTrainer,
        metrics: dict[str, Any],
        epoch: int,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        if not self._writes:
            return
        # without validation AllenNLP counts every epoch as the best so far
        best = metrics.get("best_epoch") == epoch
        step = trainer._total_batches_completed
        self._history.entries.append(Entry(epoch, step, best, self._grids()))
        attempt(self._write_epoch, "The report of the gates")

    def on_end(
        self,
        trainer: GradientDescentTrainer,
        metrics: dict[str, Any] | None = None,
        epoch: int | None = None,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        trained = any(entry.epoch != BEFORE_TRAINING for entry in self._history.entries)
        if not self._writes or not trained:
            return
        best = self._history.best()
        # Without metrics training broke off, and the model does not hold the archived weights.
        if metrics is not None and best is not None:
            self._history.final = Entry(best.epoch, best.step, best.best, self._grids())
        attempt(self._write_end, "The report of the gates")

    def _continue_from(self, epochs: int) -> None:
        try:
            self._history.read_back(self._folder, before=epochs)
        except ConfigurationError as error:
            logger.warning("The report of the gates starts anew at epoch %d: %s", epochs, error)

    def _grids(self) -> dict[str, numpy.ndarray]:
        return {key: found.grid() for key, found in self._sets.items()}

    def _write_epoch(self) -> None:
        from allennlp_heads.reports.gate_pictures import write_current

        self._history.write(self._folder)
        write_current(self._history, self._folder)
        for callback in self.trainer._callbacks if self.trainer else []:
            if isinstance(callback, TensorBoardCallback):
                self._log(callback)

    def _log(self, board: TensorBoardCallback) -> None:
        from allennlp_heads.reports.figures import figure_to_image
        from allennlp_heads.reports.gate_pictures import gate_figure

        entry = self._history.entries[-1]
        for key, grid in entry.grids.items():
            count, heads = self._history.open_heads(key, grid)
            numbers = {f"{key}/open": count, f"{key}/open_share": count / heads}
            board.log_scalars(numbers, log_prefix="heads", epoch=entry.epoch)
            image = figure_to_image(gate_figure(self._history, key, entry))
            board._train_log.add_image(
                f"heads/{key}", image, global_step=entry.epoch + 1, dataformats="HWC"
            )

    def _write_end(self) -> None:
        from allennlp_heads.reports.gate_pictures import write_best, write_gif

        self._history.write(self._folder)
        write_best(self._history, self._folder)
        if self._gif:
            write_gif(self._history, self._folder)
        logger.info("Pictures of the heads are in %s", self._folder)
