"""When each update of a training ended, in a file."""

import json
import time
from pathlib import Path
from typing import Any

from allennlp.training.callbacks import TrainerCallback

FILE = "update_clock.json"


@TrainerCallback.register("update_clock")
class UpdateClock(TrainerCallback):
    """
    Writes the seconds from the end of each update to that of the next into `update_clock.json`.
    Of several processes only the first writes; they begin every update together.

    Registered as `"update_clock"`.
    """

    def __init__(self, serialization_dir: str) -> None:
        super().__init__(serialization_dir)
        self._ends: list[float] = []

    def on_batch(self, trainer: Any, *args: Any, **kwargs: Any) -> None:
        if kwargs["is_training"]:
            self._ends.append(time.perf_counter())

    def on_end(self, trainer: Any, *args: Any, is_primary: bool = True, **kwargs: Any) -> None:
        if is_primary:
            seconds = [end - start for start, end in zip(self._ends, self._ends[1:])]
            Path(self.serialization_dir, FILE).write_text(json.dumps(seconds))
