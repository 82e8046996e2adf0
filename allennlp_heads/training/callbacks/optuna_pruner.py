"""Ends a training that promises too little, when a search for hyper-parameters says so."""

import logging
import math
from typing import Any, Optional

from allennlp.training.callbacks import TrainerCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads.distributed import broadcast_from_primary
from allennlp_heads.search.asking import Answers, Question

logger = logging.getLogger(__name__)


@TrainerCallback.register("optuna_pruner")
class OptunaPruner(TrainerCallback):
    """
    After every epoch, tells the search that this training is a trial of how good it is, and ends
    the training when the pruner of the search says so, as if it had run out of patience: the best
    epoch is archived.

    `allennlp heads search` adds it where a pruner is asked for. In a configuration, where
    `allennlp-optuna` wants it, it only marks the place among the callbacks: without a search it
    does nothing.

    Registered as `"optuna_pruner"`.

    # Parameters

    serialization_dir : `str`
        Given by AllenNLP.
    monitor : `str`, optional (default = `None`)
        Key of the epoch's metrics. Given by the search, as is `folder`.
    folder : `str`, optional (default = `None`)
        Where the search looks for questions.
    patience : `float`, optional (default = `60.0`)
        Seconds after which a search that does not answer is taken for dead, and not asked again.
    """

    def __init__(
        self,
        serialization_dir: str,
        monitor: Optional[str] = None,
        folder: Optional[str] = None,
        patience: float = 60.0,
    ) -> None:
        super().__init__(serialization_dir)
        self._monitor = monitor
        self._answers = None if folder is None else Answers(folder)
        self._patience = patience
        self._silent = False

    def on_epoch(
        self,
        trainer: GradientDescentTrainer,
        metrics: dict[str, Any],
        epoch: int,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        if self._answers is None or self._monitor is None:
            return
        end = self._asked(metrics, epoch) if is_primary else False
        if broadcast_from_primary(end):
            logger.info("The search ends this trial after epoch %d.", epoch)
            trainer._metric_tracker._patience = 0

    def _asked(self, metrics: dict[str, Any], epoch: int) -> bool:
        value = metrics.get(str(self._monitor))
        if self._answers is None or self._silent or not isinstance(value, (int, float)):
            return False
        if not math.isfinite(value):
            return False
        end = self._answers.ask(Question(epoch, float(value)), self._patience)
        if end is None:
            logger.warning("No search answers; this trial is trained to its end.")
            self._silent = True
        return bool(end)
