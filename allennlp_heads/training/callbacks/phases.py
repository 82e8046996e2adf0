"""What happens where one phase of a training ends and the next one begins."""

import logging
from pathlib import Path
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.training.callbacks import TrainerCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads.data.data_loaders import MultiTaskBucketed, Phases
from allennlp_heads.distributed import is_primary as writes
from allennlp_heads.distributed import world_size
from allennlp_heads.reports.files import remove_leftovers
from allennlp_heads.reports.phases import write_phases
from allennlp_heads.training.attempt import attempt
from allennlp_heads.training.eligible import require
from allennlp_heads.training.phase_resets import (
    State,
    initial_weights,
    reset_head,
    reset_optimizer,
    restart_schedule,
)
from allennlp_heads.training.phase_updates import PhaseUpdates
from allennlp_heads.training.run_info import run_data, run_seed

logger = logging.getLogger(__name__)

LAST_PHASE, ANY = "last_phase", "any"


@TrainerCallback.register("phases")
class PhaseSwitches(TrainerCallback):
    """
    Switches between the phases of the sampler [`phases`](../../data/data_loaders/phases.md). Right
    before the first update of a phase, so that a validation at the end of the phase before still
    sees what that one has trained, it resets what the phase asks for:

    - *head*: the weights with which the task's head began the training, also in a
      `moving_average`; its moments in the optimizer are forgotten;
    - *optimizer*: the moments of all parameters are forgotten, and
      `linear_with_fractional_warmup` starts again, over the updates up to the next such reset.
      Without any reset the schedule goes once over the whole training.

    A head whose task is not in the phase stands still, while encoder and gates train on. With
    gradient accumulation, and with several workers, a phase must be of whole updates.

    ```
    "trainer": {
        "num_epochs": 6,
        "learning_rate_scheduler": "linear_with_fractional_warmup",
        "checkpointer": "atomic",
        "callbacks": ["phases", "example_scores", "exact_resume"]
    }
    ```

    Writes `<serialization_dir>/heads/phases.json`: which phase took which updates. A failure to
    write is logged and never stops the training. A run resumed with `--recover` continues as if it
    had not been killed.

    Registered as `"phases"`. List it before `important_head_training` and `exact_resume`.

    # Parameters

    serialization_dir : `str`
        Given by AllenNLP.
    best : `str`, optional (default = `"last_phase"`)
        `"last_phase"`: with validation data only epochs that end in the last phase may be the best
        one and count for `patience`, so that the archive is always a model of the whole training.
        `"any"`: all epochs.

    Raises `ConfigurationError` for another sampler, another number of epochs than the sampler's, a
    phase that begins within an update, a schedule that cannot start again, and a head to reset that
    the model does not have.
    """

    def __init__(self, serialization_dir: str, best: str = LAST_PHASE) -> None:
        super().__init__(serialization_dir)
        if best not in (LAST_PHASE, ANY):
            raise ConfigurationError(
                f"trainer.callbacks, 'phases': 'best' is {best!r}: give '{LAST_PHASE}' or '{ANY}'"
            )
        self._folder = Path(serialization_dir) / "heads"
        self._best = best
        self._begun = -1
        self._initial: Optional[dict[str, State]] = None
        self._loader: MultiTaskBucketed
        self._updates: PhaseUpdates
        self._hook: Optional[torch.utils.hooks.RemovableHandle] = None

    def on_start(
        self, trainer: GradientDescentTrainer, is_primary: bool = True, **kwargs: Any
    ) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        self._loader, sampler = _phases_of(trainer)
        counts, length = self._loader.batch_counts(), self._loader.epoch_batches
        sampler.check_length(counts, length)
        self._updates = PhaseUpdates(
            sampler.plan(counts),
            sampler.epochs,
            length,
            trainer._num_gradient_accumulation_steps * world_size(),
        )
        if self._initial is None:
            resetting = {phase.task for phase in sampler.phases if phase.resets_head}
            self._initial = initial_weights(trainer, sorted(resetting))
        restart_schedule(trainer, self._optimizer_resets())
        if self._best == LAST_PHASE and trainer._validation_data_loader is not None:
            require(trainer, self._in_last_phase)
        sampler.has_callback = True
        self._hook = trainer.model.register_forward_pre_hook(self._before_forward)
        if is_primary and writes():
            remove_leftovers(self._folder, "phases")
            self._report()

    def on_epoch(
        self,
        trainer: GradientDescentTrainer,
        metrics: dict[str, Any],
        epoch: int,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        if is_primary and writes():
            self._report()

    def on_end(
        self,
        trainer: GradientDescentTrainer,
        metrics: Optional[dict[str, Any]] = None,
        epoch: Optional[int] = None,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        if self._hook is not None:
            self._hook.remove()

    def state_dict(self) -> dict[str, Any]:
        return {"begun": self._begun, "initial": self._initial}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._begun = state_dict["begun"]
        self._initial = state_dict["initial"]

    def _before_forward(self, model: torch.nn.Module, inputs: Any) -> None:
        """Begin a phase with its first batch: no callback is called that early."""
        if not model.training:
            return
        number = self._updates.at(self._done)
        if number != self._begun:
            self._begin(number)
            self._begun = number

    def _begin(self, number: int) -> None:
        assert self.trainer is not None and self._initial is not None, "trainers call on_start"
        planned = self._updates.plan[number]
        phase = planned.phase
        logger.info(
            "Phase %d of %d begins: '%s', %d batches; head: %s, optimizer: %s",
            number + 1,
            len(self._updates.plan),
            phase.task,
            planned.steps,
            phase.head,
            phase.optimizer,
        )
        if phase.resets_head:
            reset_head(self.trainer, phase.task, self._initial[phase.task])
        if phase.resets_optimizer:
            reset_optimizer(self.trainer)

    def _optimizer_resets(self) -> list[int]:
        starts = zip(self._updates.plan, self._updates.starts, strict=True)
        return [start for planned, start in starts if planned.phase.resets_optimizer]

    def _in_last_phase(self) -> bool:
        return self._done > self._updates.starts[-1]

    @property
    def _done(self) -> int:
        """How many updates were made, those before a resume included."""
        trainer = self.trainer
        assert trainer is not None, "trainers call on_start first"
        # a resumed trainer counts from 0 again until it has skipped what was done
        epochs = trainer._start_after_epochs_completed * self._updates.epoch_updates
        resumed = epochs + trainer._start_after_batches_in_epoch_completed
        return max(resumed, trainer._total_batches_completed)

    def _report(self) -> None:
        def write() -> None:
            write_phases(self._folder, self._summary(), run_seed(self.serialization_dir))

        attempt(write, "The report of the phases")

    def _summary(self) -> dict[str, Any]:
        loader, counts = self._loader, self._loader.batch_counts()
        return {
            "data_files": run_data(self.serialization_dir),
            "tasks": {
                task: {"batches": counts[task], "examples": len(loader.instances[task])}
                for task in loader.tasks
            },
            "rounds": self._updates.plan[-1].round + 1,
            "epochs": self._updates.epochs,
            "epoch_batches": loader.epoch_batches,
            "epoch_updates": self._updates.epoch_updates,
            "best": self._best,
            "trained_updates": self._done,
            "phases": self._updates.rows(counts),
        }


def _phases_of(trainer: GradientDescentTrainer) -> tuple[MultiTaskBucketed, Phases]:
    loader = trainer.data_loader
    if not isinstance(loader, MultiTaskBucketed) or not isinstance(loader.sampler, Phases):
        raise ConfigurationError(
            "trainer.callbacks, 'phases' has no phases to switch between: give the data loader "
            "the type 'multitask_bucketed' and its sampler the type 'phases', or remove the "
            "callback"
        )
    sampler = loader.sampler
    if trainer._num_epochs != sampler.epochs:
        raise ConfigurationError(
            f"data_loader.sampler.epochs is {sampler.epochs}, but trainer.num_epochs is "
            f"{trainer._num_epochs}: give both the same number, over which the phases are spread"
        )
    return loader, sampler
