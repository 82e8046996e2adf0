"""Trials, as many at a time as there is room for."""

from __future__ import annotations

import logging
import time
from collections import deque
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.grid.executor import MISTAKEN, GridExecutor, RunEnd
from allennlp_heads.grid.failures import last_words
from allennlp_heads.grid.names import HIDDEN
from allennlp_heads.search.asking import Answers
from allennlp_heads.search.configuration import Config, configured
from allennlp_heads.search.library import import_optuna
from allennlp_heads.search.objectives import NoValue
from allennlp_heads.search.options import Searched, SearchOptions
from allennlp_heads.search.samplers import exhausted
from allennlp_heads.search.trials import Trial, asking_folder, planned, with_pruner

logger = logging.getLogger(__name__)

_POLL = 0.25  # seconds between two looks at what trials ask
_HOPELESS = 3  # trials that find a mistake before any has come to its end


def trials_missing(searched: Searched, options: SearchOptions) -> bool:
    """Whether there are fewer trials than wanted, with those that failed, and values for more."""
    there = len(searched.study.get_trials(deepcopy=False))
    return there < options.trials and not exhausted(searched)


class TrialLoop:
    """
    # Parameters

    searched : `Searched`
    options : `SearchOptions`
    executor : `GridExecutor`
        Closed in the end.
    """

    def __init__(self, searched: Searched, options: SearchOptions, executor: GridExecutor) -> None:
        self._searched = searched
        self._study = searched.study
        self._options = options
        self._executor = executor
        self._waiting: deque[Trial] = deque()
        self._going: dict[str, Trial] = {}
        self._like: Trial | None = None
        self._mistakes = 0
        self._stopped = False
        self._until = None if options.timeout is None else time.monotonic() + options.timeout

    def work(self) -> None:
        """
        Take up what an earlier command left, and try values until there are enough trials. However
        it ends, also by an exception, no trial is going any more.

        Raises `ConfigurationError` when one trial after the other finds a mistake.
        """
        try:
            for frozen in self._study.trials:
                if not frozen.state.is_finished():
                    self._take_up(frozen)
            while True:
                while self._begin_one():
                    pass
                if not self._going and not self._waiting:
                    return
                for end in self._executor.poll(_POLL):
                    self._end(self._going.pop(end.name), end)
                self._answer()
        finally:
            self._executor.close()

    def _begin_one(self) -> bool:
        """Whether anything has changed."""
        if not self._waiting:
            if not self._may_ask():
                return False
            self._ask()
            return True
        trial = self._waiting[0]
        if not self._executor.fits(trial.run):
            return False
        self._waiting.popleft()
        self._like = trial
        trial.begins()
        self._executor.start(trial.run, trial.anew)
        self._going[trial.run.name] = trial
        values = ", ".join(f"{name} {value}" for name, value in trial.handle.params.items())
        logger.info("%s begins: %s", trial.run.name, values)
        return True

    def _may_ask(self) -> bool:
        """As late as can be, when there is room: what has ended by then counts for the values."""
        if self._stopped or not trials_missing(self._searched, self._options):
            return False
        if self._until is not None and time.monotonic() >= self._until:
            return False
        return self._like is None or self._executor.fits(self._like.run)

    def _ask(self) -> None:
        self._study.sampler = self._sampler(len(self._study.get_trials(deepcopy=False)))
        self._plan(self._study.ask())

    def _take_up(self, frozen: Any) -> None:
        self._study.sampler = self._sampler(frozen.number)
        # a handle on a trial that another process asked for; what it was given it is given again
        self._plan(import_optuna().trial.Trial(self._study, frozen._trial_id))

    def _sampler(self, number: int) -> Any:
        return self._searched.options.sampler_of(number)

    def _plan(self, handle: Any) -> None:
        out = self._searched.out
        try:
            values = self._searched.space.suggest(handle)
            config = configured(self._options.config_file, values)
        except (ConfigurationError, ValueError) as error:  # an `assert` on values, say
            self._fail(handle, str(error), mistaken=True)
            return
        folder = asking_folder(out, handle.number)
        run = planned(
            out,
            handle.number,
            self._asking(config, folder),
            self._options.packages,
            self._options.machine_has_gpus,
        )
        self._executor.check(run)
        self._waiting.append(Trial(handle, run, Answers(folder)))

    def _asking(self, config: Config, folder: Path) -> Config:
        if self._searched.options.pruner is None:
            return config
        return with_pruner(config, self._searched.objectives[0].name_of_epoch, folder)

    def _answer(self) -> None:
        for trial in self._going.values():
            for question in trial.answers.questions():
                trial.handle.report(question.value, question.epoch)
                trial.prune(bool(trial.handle.should_prune()))
                trial.answers.answer(question, trial.pruned)

    def _end(self, trial: Trial, end: RunEnd) -> None:
        if not trial.complete(end):
            if trial.again(end, self._options.retries):
                logger.warning("%s ended with status %d; again", trial.run.name, end.status)
                self._waiting.append(trial)
                return
            said = (end.reason + last_words(trial.run.log)).removeprefix(": ")
            self._fail(
                trial.handle, said or "it said nothing", end.status == MISTAKEN, trial.attempts
            )
            return
        trial.handle.set_user_attr("attempts", trial.attempts)
        try:
            values = [one.value(trial.run.folder) for one in self._searched.objectives]
        except (NoValue, OSError, ValueError) as error:
            self._fail(trial.handle, str(error), True, trial.attempts)
            return
        self._mistakes = 0
        if trial.pruned:
            trial.handle.set_user_attr("values", values)
            self._tell(trial.number, "PRUNED")
        else:
            self._tell(trial.number, "COMPLETE", values)
        said = ", ".join(
            f"{one.name} {value:.4f}" for one, value in zip(self._searched.objectives, values)
        )
        logger.info("%s %s: %s", trial.run.name, "pruned" if trial.pruned else "complete", said)

    def _tell(self, number: int, state: str, values: list[float] | None = None) -> None:
        """Samplers stop the study with their last values, which Optuna wants in its own loop."""
        try:
            self._study.tell(number, values, state=_state(state))
        except RuntimeError as error:
            # the trial has been stored by then
            stored = self._study.get_trials(deepcopy=False)[number].state.is_finished()
            if not stored or "Study.stop" not in str(error):
                raise
            self._stopped = True

    def _fail(self, handle: Any, reason: str, mistaken: bool, attempts: int = 0) -> None:
        handle.set_user_attr("reason", reason)
        handle.set_user_attr("attempts", attempts)
        self._tell(handle.number, "FAIL")
        logger.warning("trial_%d failed: %s", handle.number, reason)
        self._mistakes += mistaken
        done = any(one.state == _state("COMPLETE") for one in self._study.trials)
        if self._mistakes >= _HOPELESS and not done:
            raise ConfigurationError(
                f"the first {self._mistakes} trials all found a mistake, at last: {reason}. Mend "
                f"it and search anew in another folder; the logs are in "
                f"{self._searched.out / HIDDEN / 'logs'}"
            )


def _state(name: str) -> Any:
    return getattr(import_optuna().trial.TrialState, name)
