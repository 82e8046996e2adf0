"""What the callbacks share that look at a model's heads when the training is over."""

import logging
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Optional

from allennlp.training.callbacks import TrainerCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads.training.attempt import attempt
from allennlp_heads.training.averaged import averaged

logger = logging.getLogger(__name__)


class ReportCallback(TrainerCallback, ABC):
    """
    Writes a report into `<serialization_dir>/heads`, from the weights that are archived, and where
    it is asked for also on the way, from the weights as they are validated and saved. A failure is
    logged, at the end with the command that repeats the report, and never costs the training or its
    archive.

    # Parameters

    serialization_dir : `str`
    every_epochs : `int`, optional (default = `None`)
        Also report after every so many epochs.
    """

    what: str
    """Names the report, for the log."""

    def __init__(self, serialization_dir: str, every_epochs: Optional[int] = None) -> None:
        super().__init__(serialization_dir)
        self._every_epochs = every_epochs
        self._folder = Path(serialization_dir) / "heads"

    @abstractmethod
    def _write(self, trainer: GradientDescentTrainer, epoch: Optional[int] = None) -> None:
        """Write the report, that of an epoch (from 0) where one is given."""

    @abstractmethod
    def _command(self) -> str:
        """What writes the final report from the archive."""

    def on_epoch(
        self,
        trainer: GradientDescentTrainer,
        metrics: dict[str, Any],
        epoch: int,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        if not is_primary or not self._every_epochs or (epoch + 1) % self._every_epochs:
            return
        with averaged(trainer):  # as they are validated and saved
            attempt(lambda: self._write(trainer, epoch), self.what)

    def on_end(
        self,
        trainer: GradientDescentTrainer,
        metrics: Optional[dict[str, Any]] = None,
        epoch: Optional[int] = None,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        # without metrics training broke off, and the model does not hold the archived weights
        if not is_primary or metrics is None:
            return
        if not attempt(lambda: self._write(trainer), self.what):
            logger.error("To repeat it on the archive of this training: %s", self._command())
