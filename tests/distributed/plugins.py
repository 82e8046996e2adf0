"""What the trainings of these tests register besides the package."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from allennlp.models import Model
from allennlp.training.callbacks import TrainerCallback

from allennlp_heads.distributed import rank
from allennlp_heads.models import MultiTaskHeads


@Model.register("test_double")
class DoubleHeads(MultiTaskHeads):
    """In double precision, so that sums in another order differ by far less than what is wrong."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.double()


@TrainerCallback.register("test_die")
class Dying(TrainerCallback):
    """Kills a worker, once, after an update; a file beside the run's folder says that it has."""

    def __init__(self, serialization_dir: str, worker: int, epoch: int, update: int) -> None:
        super().__init__(serialization_dir)
        self._when = (worker, epoch, update)
        self._died = Path(f"{serialization_dir}.died")

    def on_batch(self, trainer: Any, *args: Any, **kwargs: Any) -> None:
        if not kwargs["is_training"] or (rank(), args[3], args[4]) != self._when:
            return
        if not self._died.exists():
            self._died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
