"""What AllenNLP's trainer forgets when it is killed, and a run resumed with `--recover` needs."""

import logging
from typing import Any

import torch
from allennlp.training.callbacks import TrainerCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads.gates import check_regularizer
from allennlp_heads.training.interrupted import complete_archive_at_exit
from allennlp_heads.training.plain_state import plain_state

logger = logging.getLogger(__name__)


@TrainerCallback.register("exact_resume")
class ExactResume(TrainerCallback):
    """
    Completes what a checkpoint restores, so that a run resumed with `--recover` ends with the same
    weights and validation scores as one that was never killed. Without it the trainer

    - trains an epoch too many when the run was killed after it had run out of patience;
    - forgets the loss scale of mixed precision and the state of torch's random generators;
    - averages copies of the parameters, which never change again, under `moving_average`;
    - forgets whether the next epoch is validated, under `should_validate_callback`;
    - writes a `metrics.json` without the last epoch when the run was killed after its last epoch;
    - leaves the files of `include_in_archive` out of the archive after Ctrl-C or SIGTERM.

    Random numbers that are drawn while skipped batches are read again remain the loader's affair;
    `multitask_bucketed` makes them a function of the step. Of an epoch resumed in its middle, the
    training metrics (not the validation metrics) cover only the batches after the resume.

    In distributed training all workers go on from what the first one has stored, which is the same
    in all of them but for the generators: these are left to the loader.

    Registered as `"exact_resume"`. List it as the last callback and use the checkpointer `atomic`.
    """

    def __init__(self, serialization_dir: str) -> None:
        super().__init__(serialization_dir)
        self._restored: dict[str, Any] | None = None
        self._last_metrics: dict[str, Any] = {}

    def on_start(
        self, trainer: GradientDescentTrainer, is_primary: bool = True, **kwargs: Any
    ) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        # every configuration of ours has this callback; `gate_report` looks too, for those without
        check_regularizer(trainer.model, trainer.model._regularizer)
        if self._restored is None:
            return
        restored, self._restored = self._restored, None
        self._last_metrics = dict(restored["last_metrics"])
        trainer._should_validate_this_epoch = restored["should_validate"]
        if trainer._scaler is not None and restored["scaler"]:
            trainer._scaler.load_state_dict(restored["scaler"])
        # the first worker's: equal noise in all workers would be wrong
        if not trainer._distributed:
            _restore_generators(restored["generators"])
        _rebind_moving_average(trainer)
        at_end_of_epoch = trainer._start_after_batches_in_epoch_completed == 0
        if at_end_of_epoch and trainer._metric_tracker.should_stop_early():
            logger.info("The run had already run out of patience: no further epoch is trained.")
            trainer._num_epochs = trainer._start_after_epochs_completed

    def on_epoch(
        self,
        trainer: GradientDescentTrainer,
        metrics: dict[str, Any],
        epoch: int,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        self._last_metrics = plain_state(metrics)

    def on_end(
        self,
        trainer: GradientDescentTrainer,
        metrics: dict[str, Any] | None = None,
        epoch: int | None = None,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        if is_primary:
            complete_archive_at_exit(self.serialization_dir)
        # This is the dictionary that becomes metrics.json; it has an epoch if one was trained.
        if metrics is not None and "epoch" not in metrics and self._last_metrics:
            metrics.clear()
            metrics.update(self._last_metrics)

    def state_dict(self) -> dict[str, Any]:
        trainer = self.trainer
        assert trainer is not None
        return {
            "last_metrics": self._last_metrics,
            "should_validate": bool(trainer._should_validate_this_epoch),
            "scaler": plain_state(trainer._scaler.state_dict()) if trainer._scaler else {},
            "generators": _generators(),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        # before on_start, in which other callbacks and the trainer are ready
        self._restored = state_dict


def _generators() -> list[torch.Tensor]:
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
    return [torch.get_rng_state(), *cuda]


def _restore_generators(states: list[torch.Tensor]) -> None:
    torch.set_rng_state(states[0])
    for device, state in enumerate(states[1 : 1 + torch.cuda.device_count()]):
        torch.cuda.set_rng_state(state, device)


def _rebind_moving_average(trainer: GradientDescentTrainer) -> None:
    average = trainer._moving_average
    if average is None:
        return
    parameters = dict(trainer._pytorch_model.named_parameters())
    average._parameters = [(name, parameters[name]) for name, _ in average._parameters]
    for tensors in (average._shadows, average._backups):
        for name, tensor in tensors.items():
            tensors[name] = tensor.to(parameters[name].device)
