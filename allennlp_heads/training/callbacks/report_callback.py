"""What the callbacks share that look at a model's heads when the training is over."""

import logging
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Optional

from allennlp.training.callbacks import TrainerCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads.distributed import is_primary as writes
from allennlp_heads.training.attempt import attempt
from allennlp_heads.training.averaged import averaged
from allennlp_heads.training.waiting import Waiting

logger = logging.getLogger(__name__)


class ReportCallback(TrainerCallback, ABC):
    """
    Writes a report into `<serialization_dir>/heads`, from the weights that are archived, and where
    it is asked for also on the way, from the weights as they are validated and saved. A failure is
    logged, at the end with the command that repeats the report, and never costs the training or its
    archive. In distributed training all workers measure, sharing the data, and the primary one
    writes while the others wait.

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
        self._waiting = Waiting()

    @abstractmethod
    def _measure(self, trainer: GradientDescentTrainer, epoch: Optional[int] = None) -> Any:
        """
        What the report, that of an epoch (from 0) where one is given, is made from. Called in all
        workers, which fail together or not at all.
        """

    @abstractmethod
    def _write(self, measured: Any, epoch: Optional[int] = None) -> None:
        """Write the report. Called in the primary worker."""

    @abstractmethod
    def _command(self) -> str:
        """What writes the final report from the archive."""

    def on_start(
        self, trainer: GradientDescentTrainer, is_primary: bool = True, **kwargs: Any
    ) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        self._waiting.prepare()

    def on_epoch(
        self,
        trainer: GradientDescentTrainer,
        metrics: dict[str, Any],
        epoch: int,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        if not self._every_epochs or (epoch + 1) % self._every_epochs:
            return
        with averaged(trainer):  # as they are validated and saved
            self._report(trainer, is_primary, epoch)

    def on_end(
        self,
        trainer: GradientDescentTrainer,
        metrics: Optional[dict[str, Any]] = None,
        epoch: Optional[int] = None,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        # without metrics training broke off, and the model does not hold the archived weights
        if metrics is not None and not self._report(trainer, is_primary):
            logger.error("To repeat it on the archive of this training: %s", self._command())
        self._waiting.end()

    def _report(
        self, trainer: GradientDescentTrainer, is_primary: bool, epoch: Optional[int] = None
    ) -> bool:
        def report() -> None:
            measured = self._measure(trainer, epoch)
            if is_primary and writes():
                self._write(measured, epoch)

        done = attempt(report, self.what)
        self._waiting.for_all()
        return done
