"""One run, stage by stage: train, find important heads, mask them, keep what is small."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from docs.runs import console
from docs.specialization.content import content_of
from docs.specialization.kept import keep_masks
from docs.specialization.measures import ARCHIVE, DISSOCIATION, Measures
from docs.specialization.plan import (
    ALL,
    IMPORTANT,
    WEIGHTS,
    Run,
    SpecializationBudget,
    configuration_of,
    text_of,
)
from docs.specialization.record import MASKS, write_record

TRAIN, IMPORTANCE, DISSOCIATE, RECORD = STAGES = (
    "train",
    "importance",
    "dissociate",
    "record",
)
_LARGE = ("*.th", ARCHIVE)


class Place(NamedTuple):
    """
    Where runs are done.

    # Parameters

    out : `Path`
        For the folders of the runs.
    results : `Path`
        For their records.
    hardware : `str`
        In words.
    """

    out: Path
    results: Path
    hardware: str

    def folder_of(self, run: Run) -> Path:
        """Of a run."""
        return self.out / run.name

    def record_of(self, run: Run) -> Path:
        """The file of a run's record."""
        return self.results / f"{run.name}.json"


class Done:
    """
    Which stages after the training a run has behind it, and their minutes: `stages.json` in its
    folder.

    # Parameters

    folder : `Path`
        Of the run.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "stages.json"
        self.minutes: dict[str, float] = {}
        if self._path.is_file():
            self.minutes = json.loads(self._path.read_text("utf-8"))

    def once(self, stage: str, work: Callable[[], None], again: bool) -> None:
        """Do a stage unless it was done; `again` does it in any case."""
        if stage in self.minutes and not again:
            return
        started = time.monotonic()
        work()
        self.minutes[stage] = round((time.monotonic() - started) / 60, 2)
        self._path.write_text(json.dumps(self.minutes), "utf-8")


def stages_of(run: Run, budget: SpecializationBudget) -> tuple[str, ...]:
    """What is done of a run: few trainings that go on are masked."""
    again = run.is_standard and run.setting in (ALL, IMPORTANT) and run.seed == budget.masked_again
    if run.source is None or again:
        return STAGES
    return tuple(stage for stage in STAGES if stage not in (IMPORTANCE, DISSOCIATE))


def do(
    run: Run,
    budget: SpecializationBudget,
    place: Place,
    threads: int,
    stages: Sequence[str] = STAGES,
    again: bool = False,
) -> None:
    """
    Do, or go on with, a run.

    # Parameters

    run : `Run`
    budget : `SpecializationBudget`
    place : `Place`
    threads : `int`
        Of each command.
    stages : `Sequence[str]`, optional (default = `STAGES`)
        Only these.
    again : `bool`, optional (default = `False`)
        Whether stages that are done are repeated, other than the training.

    Raises `Failed` when a command fails, or what a stage starts from is not there.
    """
    wanted = [stage for stage in stages_of(run, budget) if stage in stages]
    folder = place.folder_of(run)
    if TRAIN in wanted:
        _train(run, budget, place, threads)
    config = configuration_of(run, budget, place.out)
    done = Done(folder)
    verbs = Measures(run, budget, folder, threads)
    work = {IMPORTANCE: verbs.importance, DISSOCIATE: verbs.dissociate}
    for stage in work:
        if stage in wanted:
            _need(folder / ARCHIVE)
            done.once(stage, work[stage], again)
    if RECORD in wanted:
        missing = [
            stage for stage in work if stage in stages_of(run, budget) and stage not in done.minutes
        ]
        if missing:
            raise console.Failed(f"no record without the stages {', '.join(missing)}")
        record = content_of(run, budget, folder, config, done.minutes)
        masked = DISSOCIATE in stages_of(run, budget)
        if masked:
            keep_masks(folder / DISSOCIATION, place.results / MASKS / run.name)
        own = {"hardware": place.hardware, "masked": masked}
        write_record(place.record_of(run), {**record, **own})


def delete_weights(runs: Iterable[Run], place: Place) -> None:
    """Delete the weights of runs that have a record and from which no other run still starts."""
    every = list(runs)
    unfinished = [run for run in every if not place.record_of(run).is_file()]
    needed = {*unfinished, *(run.source for run in unfinished)}
    for run in every:
        if run not in needed:
            for pattern in _LARGE:
                for path in place.folder_of(run).rglob(pattern):
                    path.unlink()


def _train(run: Run, budget: SpecializationBudget, place: Place, threads: int) -> None:
    folder = place.folder_of(run)
    if run.source is not None and not (folder / ARCHIVE).is_file():
        _need(place.folder_of(run.source) / ARCHIVE)
        _need(place.folder_of(run.source) / WEIGHTS)
    console.train(text_of(run, budget, place.out), folder, threads)


def _need(path: Path) -> None:
    if not path.is_file():
        raise console.Failed(
            f"{path} is missing: train {path.parent.name}; if its weights were deleted, delete its "
            "folder and its record first"
        )
