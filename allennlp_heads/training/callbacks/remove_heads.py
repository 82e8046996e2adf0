"""Makes the gates final before training ends, and removes the closed heads when it has."""

import logging
from pathlib import Path
from typing import Any, Optional, Union

from allennlp.common.checks import ConfigurationError
from allennlp.training.callbacks import TrainerCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads.attention import can_remove
from allennlp_heads.modules import GatedEncoder
from allennlp_heads.pruning import PruneOptions, find_encoder, prune_run, summary
from allennlp_heads.training.attempt import attempt
from allennlp_heads.training.eligible import require

logger = logging.getLogger(__name__)


@TrainerCallback.register("remove_heads")
class RemoveHeads(TrainerCallback):
    """
    Writes the pruned model into `<serialization_dir>/pruned/` at the end of training, as
    `allennlp heads prune <serialization_dir> -o <serialization_dir>/pruned` would.

    With `finetune_epochs`, the gates become zeros and ones before the last epochs, which train the
    other weights for the heads that stay; the best epoch is chosen among these. A failure to write
    the pruned model is logged and leaves the training's own archive unharmed.

    Registered as `"remove_heads"`.

    # Parameters

    serialization_dir : `str`
        Given by AllenNLP.
    threshold : `float`, optional (default = `0.5`)
        Keep the heads whose evaluation gate is above.
    keep : `int` or `float`, optional (default = `None`)
        Keep this many heads instead, those with the highest gates: an `int` is a number, a `float`
        a share of the heads there are.
    task : `str`, optional (default = `None`)
        Which task's model to write, where tasks have gates of their own; all tasks' gates become
        final.
    finetune_epochs : `int`, optional (default = `0`)
        How many of the trainer's epochs come after the gates have become final.
    plain : `bool`, optional (default = `True`)
        Also write a folder for the `transformers` library, where it can express the result.
    measure : `bool`, optional (default = `True`)
        Time the encoder before and after.

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

    def on_start(
        self, trainer: GradientDescentTrainer, is_primary: bool = True, **kwargs: Any
    ) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        self._encoder = find_encoder(trainer.model)[1]
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
        if is_primary and metrics is not None:
            if not attempt(self._write, "The pruned model"):
                logger.error("To prune the archive of this training: %s", self._command())

    def _binarize_when_due(self, trainer: GradientDescentTrainer, epochs: int) -> None:
        gates = self._gates()
        if gates.binary or epochs != trainer._num_epochs - self._finetune_epochs:
            return
        try:
            chosen = {task: self._options.of_task(task).chosen(gates) for task in gates.sets()}
        except ConfigurationError as error:
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

    def _command(self) -> str:
        options = self._effective()
        parts = [f"allennlp heads prune {self.serialization_dir}"]
        parts.append(f"-o {Path(self.serialization_dir) / 'pruned'}")
        given = {"threshold": options.threshold, "keep": options.keep, "task": options.task}
        parts += [f"--{name} {value}" for name, value in given.items() if value is not None]
        return " ".join(parts)

    def _gates(self) -> Any:
        assert self._encoder is not None, "trainers call on_start first"
        return self._encoder.gates
