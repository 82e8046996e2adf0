"""Made-up records about answered questions beside classified texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy

from docs.qa_nli_sa.floor import ANY_SPAN, FIRST_SENTENCE, MAJORITY
from docs.qa_nli_sa.plan import EPOCHS, HALF, SETTINGS, SQUAD, UNTRAINED, Run, all_runs
from docs.qa_nli_sa.record import F1, scores_by_epoch, write_record
from docs.runs.packed import pack
from docs.runs.records import Record

SEEDS = (13, 14)
EXAMPLES, UPDATES, BATCH = 60, 80, 16
BUDGET = {"epochs": EPOCHS, "updates": UPDATES, "sentences": None, "overlay": "{}"}
FORGOTTEN = 0.3
"""How much a task loses in a phase of another."""


def metric_of(task: str) -> str:
    """Of a task's scores."""
    return F1 if task == SQUAD else "accuracy"


def quality(run: Run, task: str) -> float:
    """How good a setting is at a task: mixing helps much, half the updates cost little."""
    setting = SETTINGS[run.setting]
    if run.setting == UNTRAINED:
        return 0.1
    if setting.switching:
        return 0.5 if setting.phases[-1] == task else 0.5 - FORGOTTEN
    return 0.95 if len(setting.tasks) > 1 else 0.45 if run.setting.endswith(HALF) else 0.5


def counts(task: str, share: float, *seed: int) -> numpy.ndarray:
    """`[EXAMPLES, 3]` of a system that does a share of the examples right."""
    right = numpy.random.default_rng([len(task), *seed]).random(EXAMPLES) < share
    ones = numpy.ones(EXAMPLES)
    if task != SQUAD:
        return numpy.stack([right, ones, ones], axis=1).astype(int)
    partly = numpy.random.default_rng([1, *seed]).choice([0.0, 2 / 3, 1 / 7], EXAMPLES)
    return numpy.stack([numpy.where(right, 1.0, partly), right, ones], axis=1)


def by_epoch(run: Run, task: str) -> numpy.ndarray:
    """`[epochs, EXAMPLES, 3]`; where tasks are switched, good only after the task's own phases."""
    setting, last = SETTINGS[run.setting], quality(run, task)
    if run.setting == UNTRAINED:
        return counts(task, last, run.seed)[None]
    levels = [last] * EPOCHS
    if setting.switching and setting.phases[1] == task:
        levels = [0.1, 0.4, last + FORGOTTEN, last]
    return numpy.stack([counts(task, level, run.seed) for level in levels])


def trained(run: Run) -> Record:
    """Every task of a setting alike."""
    tasks = SETTINGS[run.setting].tasks
    length = int(UPDATES * SETTINGS[run.setting].share) // EPOCHS
    own = length // len(tasks)
    return {
        "epochs": list(range(EPOCHS)),
        "updates": [length] * EPOCHS,
        "tasks": {
            task: {"batches": [own] * EPOCHS, "examples": [own * BATCH] * EPOCHS} for task in tasks
        },
    }


def record(run: Run, **more: Any) -> Record:
    """One record."""
    found = {task: by_epoch(run, task) for task in run.tasks}
    floor = {
        task: {name: pack(counts(task, 0.2, number)) for number, name in enumerate(names)}
        for task in run.tasks
        for names in [(ANY_SPAN, FIRST_SENTENCE) if task == SQUAD else (MAJORITY,)]
    }
    return {
        "setting": run.setting,
        "seed": run.seed,
        "tasks": list(run.tasks),
        "metric": {task: metric_of(task) for task in run.tasks},
        "experiment": run.experiment,
        "command": "python -m docs.qa_nli_sa --updates 80",
        "encoder": "tiny",
        "hardware": "one core",
        "minutes": {"train": 2.0},
        "resumed": False,
        "budget": BUDGET,
        "data": {f"{task}.txt": task for task in run.tasks},
        "versions": {"torch": "9.9"},
        "updates": int(UPDATES * SETTINGS[run.setting].share),
        "batch_size": BATCH,
        "trained": trained(run),
        "phases": None,
        "scores": {task: scores_by_epoch(found[task], metric_of(task)) for task in found},
        "counts": {task: pack(found[task][-1]) for task in found},
        "floor": floor if run.setting == UNTRAINED else None,
        **more,
    }


def write(folder: Path, runs: list[Run]) -> None:
    """The records of these runs."""
    for run in runs:
        write_record(folder / f"{run.name}.json", record(run))


def grid() -> list[Run]:
    """Every run of the tables."""
    return all_runs(list(SEEDS))
