"""
How a training asks the search whether to go on: by files in a folder that both see, since the
training may be on another machine, and needs no Optuna for this.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from allennlp_heads.reports.files import atomic_write

_LOOK = 0.1  # seconds between two looks for an answer


class Question(NamedTuple):
    """
    # Parameters

    epoch : `int`
    value : `float`
        What the epoch has reached.
    """

    epoch: int
    value: float


class Answers:
    """
    # Parameters

    folder : `PathLike`
        Of one training.
    """

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)

    def ask(self, question: Question, patience: float) -> bool | None:
        """
        # Parameters

        question : `Question`
        patience : `float`
            Seconds to wait.

        # Returns

        `bool`, optional
            Whether to end; `None` when nobody answers.
        """
        answer = self._path("answer", question.epoch)
        answer.unlink(missing_ok=True)  # of an attempt that was killed
        with atomic_write(self._path("question", question.epoch)) as file:
            file.write(json.dumps(question._asdict()).encode())
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if answer.exists():
                return bool(json.loads(answer.read_text("utf-8"))["end"])
            time.sleep(_LOOK)
        return None

    def questions(self) -> Iterator[Question]:
        """Those without an answer, by epoch."""
        if not self._folder.is_dir():
            return
        found = [
            Question(**json.loads(path.read_text("utf-8")))
            for path in self._folder.glob("question_*.json")
            if not path.with_name(path.name.replace("question", "answer")).exists()
        ]
        yield from sorted(found)

    def answer(self, question: Question, end: bool) -> None:
        """Let the training go on, or end."""
        with atomic_write(self._path("answer", question.epoch)) as file:
            file.write(json.dumps({"end": end}).encode())

    def _path(self, kind: str, epoch: int) -> Path:
        return self._folder / f"{kind}_{epoch}.json"
