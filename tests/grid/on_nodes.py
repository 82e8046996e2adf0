"""What trainings do on the nodes of a cluster, besides training: `--include-package` names it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from allennlp.training.callbacks import TrainerCallback

_LONG = 300.0  # seconds after which something hangs


def wait_for(files: list[Path]) -> None:
    """Until all are there."""
    deadline = time.monotonic() + _LONG
    while not all(file.exists() for file in files):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited in vain for {files}")
        time.sleep(0.05)


@TrainerCallback.register("test_meet")
class Meet(TrainerCallback):
    """Says that its training has begun, and waits for others."""

    def __init__(self, serialization_dir: str, mine: str, others: list[str]) -> None:
        super().__init__(serialization_dir)
        self._mine, self._others = Path(mine), [Path(other) for other in others]

    def on_start(self, trainer: Any, is_primary: bool = True, **kwargs: Any) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        self._mine.write_text("")
        wait_for(self._others)


@TrainerCallback.register("test_killed_once")
class KilledOnce(TrainerCallback):
    """Kills its own process after the first epoch, the first time."""

    def __init__(self, serialization_dir: str, done: str) -> None:
        super().__init__(serialization_dir)
        self._done = Path(done)

    def on_epoch(self, trainer: Any, *args: Any, **kwargs: Any) -> None:
        if not self._done.exists():
            self._done.write_text("")
            os.kill(os.getpid(), signal.SIGKILL)
