"""Makes the gates final before training ends, and removes the closed heads when it has."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional, Union

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.training.callbacks import TrainerCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads import distributed as workers
from allennlp_heads.attention import can_remove
from allennlp_heads.gates import HeadGates
from allennlp_heads.modules import GatedEncoder, find_encoder
from allennlp_heads.pruning import PruneOptions, check_run, prune_run, summary
from allennlp_heads.training.attempt import attempt
from allennlp_heads.training.averaged import averaged
from allennlp_heads.training.eligible import require
from allennlp_heads.training.waiting import Waiting

logger = logging.getLogger(__name__)


@TrainerCallback.register("remove_heads")
class RemoveHeads(TrainerCallback):
    """
    Writes the pruned model into `<serialization_dir>/pruned/` at the end of training, as
    `allennlp heads prune <serialization_dir> -o <serialization_dir>/pruned` would.

    With `finetune_epochs`, the gates become zeros and ones before the last epochs, which train the
    other weights for the heads that stay; the best epoch is chosen among these, and only these
    count for `patience`. A failure to write the pruned model is logged and leaves the training's
    own archive unharmed.

    Registered as `"remove_heads"`. List it behind `gate_report` and `sparsity_target`, which tell
    of an epoch before the gates become final, and before `exact_resume`.

    # Parameters

    serialization_dir : `str`
        Given by AllenNLP.
    threshold : `float`, optional (default = `0.5`)
        Keep the heads whose evaluation gate is above.
    keep : `int` or `float`, optional (default = `None`)
        Keep this many heads instead, those with the highest gates: an `int` is a number, a `float`
        between 0 and 1 a share of the heads there are.
    task : `str`, optional (default = `None`)
        Which task's model to write, where tasks have gates of their own; all tasks' gates become
        final.
    finetune_epochs : `int`, optional (default = `0`)
        How many of the trainer's epochs come after the gates have become final. All of them where
        training starts from weights whose gates are trained already.
    plain : `bool`, optional (default = `True`)
        Also write a folder for the `transformers` library, where it can express the result.
    measure : `bool`, optional (default = `True`)
        Time the encoder before and after, on the device that trained it.

    Raises `ConfigurationError` before training when the model cannot be pruned in this way.
    """

    def __init__(
        self,
        serialization_dir: str,
        threshold: Optional[float] = None,
        keep: Union[int, float, None] = None,
        task: Optional[str] = None,
        finetune_epochs: int = 0,
        plain: bool = True,
        measure: bool = True,
    ) -> None:
        super().__init__(serialization_dir)
        self._options = PruneOptions(
            threshold=threshold, keep=keep, task=task, force=True, plain=plain, measure=measure
        )
        self._finetune_epochs = finetune_epochs
        self._encoder: Optional[GatedEncoder] = None
        self._gave_up = False
        self._waiting = Waiting()

    def on_start(
        self, trainer: GradientDescentTrainer, is_primary: bool = True, **kwargs: Any
    ) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        self._waiting.prepare()
        self._encoder = find_encoder(trainer.model)[1]
        self._options = replace(self._options, cuda_device=_index(trainer.cuda_device))
        check_run(Path(self.serialization_dir))
        reason = can_remove(self._encoder.transformer)
        if reason is not None:
            raise ConfigurationError(f"trainer.callbacks, 'remove_heads': {reason}")
        self._options.check(self._encoder.gates)
        if not 0 <= self._finetune_epochs <= trainer._num_epochs:
            raise ConfigurationError(
                f"trainer.callbacks, 'remove_heads': 'finetune_epochs' is {self._finetune_epochs}: "
                f"give 0 to {trainer._num_epochs}, since they are part of 'num_epochs'"
            )
        if self._finetune_epochs:
            _check_workers(trainer)
            require(trainer, lambda: self._gave_up or self._gates().binary)
            self._binarize_when_due(trainer, trainer._start_after_epochs_completed)

    def on_epoch(
        self,
        trainer: GradientDescentTrainer,
        metrics: dict[str, Any],
        epoch: int,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        if self._finetune_epochs:
            self._binarize_when_due(trainer, epoch + 1)

    def on_end(
        self,
        trainer: GradientDescentTrainer,
        metrics: Optional[dict[str, Any]] = None,
        epoch: Optional[int] = None,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        # without metrics training broke off
        if metrics is not None:
            if is_primary and workers.is_primary() and not attempt(self._write, "The pruned model"):
                logger.error("To prune the archive of this training: %s", self._command())
            self._waiting.for_all()
        self._waiting.end()

    def state_dict(self) -> dict[str, Any]:
        return {"gave_up": self._gave_up}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._gave_up = state_dict.get("gave_up", False)

    def _binarize_when_due(self, trainer: GradientDescentTrainer, epochs: int) -> None:
        gates = self._gates()
        due = trainer._num_epochs - self._finetune_epochs
        if gates.binary or self._gave_up or epochs < due:
            return
        if not epochs and any(map(_untrained, gates.sets().values())):
            raise ConfigurationError(
                "trainer.callbacks, 'remove_heads': 'finetune_epochs' is all of 'num_epochs', but "
                "the gates have not been trained yet and are all equal: give fewer, or start from "
                "the weights of a training with gates"
            )
        try:
            with averaged(trainer):  # as they are validated and saved
                chosen = {task: self._options.of_task(task).chosen(gates) for task in gates.sets()}
        except ConfigurationError as error:
            if not epochs:
                raise
            # hours of training are worth more than a final form that nothing fits
            self._gave_up = True
            logger.error("The gates stay as they are and are not made final: %s", error)
            return
        for task, kept in chosen.items():
            gates.binarize(kept, task)
            logger.info("%d heads are kept%s", kept.sum(), f" for {task}" if task else "")

    def _write(self) -> None:
        run = Path(self.serialization_dir)
        report = prune_run(run, run / "pruned", self._effective())
        logger.info("The pruned model is in %s\n%s", run / "pruned", summary(report))

    def _effective(self) -> PruneOptions:
        """Gates that are final have made the choice; what they rank by no longer counts."""
        final = self._finetune_epochs > 0 and self._gates().binary
        return self._options.by_threshold() if final else self._options

    def _repeatable(self) -> PruneOptions:
        """The same, or half of the heads where no gate is open enough for the same to succeed."""
        options, gates = self._effective(), self._gates()
        half = replace(options, threshold=None, keep=0.5)
        return half if _chooses(half, gates) and not _chooses(options, gates) else options

    def _command(self) -> str:
        options = self._repeatable()
        parts = [f"allennlp heads prune {self.serialization_dir}"]
        parts.append(f"-o {Path(self.serialization_dir) / 'pruned'} --force")
        given = {"threshold": options.threshold, "keep": options.keep, "task": options.task}
        parts += [f"--{name} {value}" for name, value in given.items() if value is not None]
        return " ".join(parts)

    def _gates(self) -> Any:
        assert self._encoder is not None, "trainers call on_start first"
        return self._encoder.gates


def _chooses(options: PruneOptions, gates: HeadGates) -> bool:
    try:
        options.chosen(gates)
    except ConfigurationError:
        return False
    return True


def _untrained(gates: HeadGates) -> bool:
    values = gates.ranking()[gates.mask]
    return bool((values == values[0]).all())


def _index(device: torch.device) -> int:
    """As options name a device; -1 is the CPU, which also stands in for what is no GPU of CUDA."""
    return device.index or 0 if device.type == "cuda" else -1


def _check_workers(trainer: GradientDescentTrainer) -> None:
    """Final gates have no gradients, which torch's workers would wait for in vain."""
    wrapped = trainer._ddp_wrapped_model
    if wrapped is not None and not getattr(wrapped.model, "find_unused_parameters", True):
        raise ConfigurationError(
            "trainer.callbacks, 'remove_heads': with 'finetune_epochs', training on several "
            'devices needs "distributed": {"ddp_accelerator": "multitask_torch"}'
        )
