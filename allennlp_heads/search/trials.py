"""A trial is a run of the grid's executors: an ordinary training in a folder of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from allennlp_heads.grid.beginning import Beginning
from allennlp_heads.grid.executor import DONE, PlannedRun, RunEnd
from allennlp_heads.grid.folders import Progress, progress_of
from allennlp_heads.grid.names import HIDDEN
from allennlp_heads.grid.options import needs_of
from allennlp_heads.search.asking import Answers
from allennlp_heads.search.configuration import Config

CALLBACK = "optuna_pruner"
PREFIX = "trial_"


@dataclass
class Trial:
    """
    # Parameters

    handle : `optuna.Trial`
    run : `PlannedRun`
    answers : `Answers`
        What it asks, where it does.
    attempts : `int`
        Begun by this command.
    anew : `bool`
        Whether the next one is from scratch.
    """

    handle: Any
    run: PlannedRun
    answers: Answers
    attempts: int = 0
    anew: bool = False
    _beginning: Beginning | None = field(default=None, repr=False)

    @property
    def number(self) -> int:
        """Optuna's."""
        return int(self.handle.number)

    @property
    def pruned(self) -> bool:
        """Whether it was told to end, by this command or an earlier one."""
        return bool(self.handle.user_attrs.get("pruned"))

    def prune(self, end: bool) -> None:
        """Note whether it is told to end."""
        if end != self.pruned:
            self.handle.set_user_attr("pruned", end)

    def begins(self) -> None:
        """Note that an attempt is about to begin."""
        self._beginning = Beginning.now(self.run, self.anew)
        self.attempts += 1

    def complete(self, end: RunEnd) -> bool:
        """Whether the training is over and its archive whole."""
        return end.status == DONE and progress_of(self.run) is Progress.COMPLETE

    def again(self, end: RunEnd, retries: int) -> bool:
        """Whether another attempt may help; notes whether from scratch."""
        assert self._beginning is not None, "it has begun"
        if not self._beginning.may_help(end):
            return False
        self.anew = self._beginning.gained_nothing(self.run)
        return self.attempts <= retries


def planned(
    out: Path, number: int, config: Config, packages: Sequence[str], machine_has_gpus: bool
) -> PlannedRun:
    """The run of a trial, with its log and what else is its own in a hidden folder."""
    name, hidden = f"{PREFIX}{number}", out.absolute() / HIDDEN
    return PlannedRun(
        name,
        str(out.absolute() / name),
        config,
        (),
        needs_of({}, config, machine_has_gpus),
        {},
        tuple(packages),
        str(hidden / "logs" / f"{name}.log"),
        str(hidden / "locks" / f"{name}.lock"),
        str(hidden / "aside" / name),
    )


def asking_folder(out: Path, number: int) -> Path:
    """Where a trial asks whether to go on."""
    return out.absolute() / HIDDEN / "questions" / f"{PREFIX}{number}"


def with_pruner(config: Config, monitor: str, folder: Path) -> Config:
    """The configuration of a trial that asks, where its callback stands, or before all others."""
    trainer = dict(config.get("trainer") or {})
    callbacks = list(trainer.get("callbacks") or [])
    asking = {"type": CALLBACK, "monitor": monitor, "folder": str(folder)}
    places = [place for place, one in enumerate(callbacks) if _type(one) == CALLBACK]
    if places:
        callbacks[places[0]] = asking
    else:
        callbacks.insert(0, asking)
    return {**config, "trainer": {**trainer, "callbacks": callbacks}}


def _type(callback: Any) -> Any:
    return callback.get("type") if isinstance(callback, dict) else callback
