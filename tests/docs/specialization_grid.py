"""Made-up records about specialised heads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy

from allennlp_heads.analysis.masks import top_mask
from allennlp_heads.analysis.measures import measure_of
from allennlp_heads.analysis.random_masks import random_masks
from allennlp_heads.reports.dissociation import write_dissociation
from allennlp_heads.reports.dissociation_data import DissociationData
from allennlp_heads.reports.dissociation_results import Options
from docs.runs.packed import pack
from docs.runs.records import Record
from docs.specialization.plan import ALL, ALPHA, ALPHAS, FIVE, IMPORTANT, Run, all_runs
from docs.specialization.record import MASKS, write_record

SEEDS = (13, 14)
LAYERS, HEADS, EXAMPLES, DRAWS = 3, 4, 60, 2
METRICS = {"cola": "matthews", "qqp": "f1", "dep": "LAS", "ner": "f1", "con": "f1", "srl": "f1"}
BUDGET = {"epochs": 3, "sentences": 2000, "scored": EXAMPLES, "overlay": "{}"}


def metric_of(task: str) -> str:
    """Of a task's scores."""
    return METRICS.get(task, "accuracy")


def counts(task: str, quality: float, *seed: int) -> numpy.ndarray:
    """`[EXAMPLES, K]` of a system that is right in a share `quality` of the examples."""
    gold = numpy.random.default_rng(len(task)).integers(0, 2, EXAMPLES)
    right = numpy.random.default_rng([len(task), *seed]).random(EXAMPLES) < quality
    said = numpy.where(right, gold, 1 - gold)
    ones = numpy.ones_like(gold)
    if metric_of(task) == "matthews":
        return numpy.stack([gold * said, said, gold, ones], axis=1)
    if metric_of(task) == "f1":
        return numpy.stack([gold * said, said, gold], axis=1)
    return numpy.stack([right.astype(int), ones, ones], axis=1)


def masked(run: Run) -> DissociationData:
    """Every task loses much under its own mask, little under others' and less under random ones."""
    tasks, alphas = sorted(run.tasks), ALPHAS if run.source is None else (ALPHA,)
    draws = DRAWS if run.source is None else 1
    source = numpy.random.default_rng(run.seed)
    exists = numpy.ones((LAYERS, HEADS), bool)
    importance = source.random((len(tasks), LAYERS, HEADS))
    importance[:, 0, 0] = 2  # matters to all tasks in all seeds
    own = numpy.stack([top_mask(importance, alpha, exists) for alpha in alphas])
    drawn = [random_masks([HEADS] * LAYERS, int(mask[0].sum()), draws, run.seed) for mask in own]
    random = numpy.repeat(numpy.stack(drawn)[:, None], len(tasks), axis=1)

    def under(task: str, losses: numpy.ndarray) -> numpy.ndarray:
        found = [
            counts(task, 0.95 - loss, run.seed, place) for place, loss in enumerate(losses.ravel())
        ]
        return numpy.stack(found).reshape(1, *losses.shape, EXAMPLES, -1)

    def losses(task: str) -> numpy.ndarray:
        own_or_not = numpy.where(numpy.array(tasks) == task, 0.8, 0.2)
        return numpy.outer(alphas, own_or_not)

    return DissociationData(
        tasks=tasks,
        metrics={task: metric_of(task) for task in tasks},
        alphas=list(alphas),
        runs=[{"name": run.name, "seed": run.seed}],
        exists=exists,
        importance=importance[None],
        own_masks=own[None],
        random_masks=random[None],
        examples={task: numpy.arange(EXAMPLES) for task in tasks},
        base={task: counts(task, 0.95, run.seed)[None] for task in tasks},
        own={task: under(task, losses(task)) for task in tasks},
        random={task: under(task, numpy.outer(alphas, [0.1] * draws)) for task in tasks},
        about={"encoder": "tiny"},
    )


def is_masked(run: Run) -> bool:
    """Of the trainings that go on, those of two settings."""
    return run.source is None or (run.is_standard and run.setting in (ALL, IMPORTANT))


def record(run: Run, **more: Any) -> Record:
    """One record."""
    scored = None
    if run.source is not None or run.setting == FIVE:
        found = {
            task: counts(task, 0.8 + 0.1 * (run.setting != FIVE), run.seed) for task in run.tasks
        }
        scored = {
            "scores": {
                task: float(measure_of(metric_of(task)).of_examples(values))
                for task, values in found.items()
            },
            "counts": {task: pack(values) for task, values in found.items()},
        }
    return {
        "setting": run.setting,
        "alpha": run.alpha if run.source else None,
        "start": run.start if run.source else None,
        "tasks": list(run.tasks),
        "metric": {task: metric_of(task) for task in run.tasks},
        "experiment": run.experiment,
        "command": "python -m docs.specialization",
        "seed": run.seed,
        "encoder": "tiny",
        "hardware": "one core",
        "minutes": {"train": 2.0, "importance": 0.5},
        "resumed": False,
        "budget": BUDGET,
        "data": {},
        "versions": {"torch": "9.9"},
        "dev": {},
        "masked": is_masked(run),
        "scored": scored,
        **more,
    }


def write(folder: Path, runs: list[Run]) -> None:
    """Records and measurements of these runs."""
    for run in runs:
        write_record(folder / f"{run.name}.json", record(run))
        if is_masked(run):
            write_dissociation(masked(run), folder / MASKS / run.name, Options(rounds=2))


def grid() -> list[Run]:
    """Every run of the tables."""
    return all_runs(list(SEEDS), list(SEEDS[:1]))
