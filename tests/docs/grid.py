"""Made-up records of the whole table of five tasks."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy

from docs.five_tasks.record import COUNTS, TASKS, Record

METRICS = {"pos": "accuracy", "ner": "f1", "dep": "LAS", "con": "f1", "srl": "f1"}
SENTENCES = 30
SEEDS = (13, 14, 15)


def counts(task: str, seed: int, quality: float) -> dict[str, list[int]]:
    """Counts of a system that finds about `quality` of the gold, the same for every system."""
    gold = numpy.random.default_rng(TASKS.index(task)).integers(3, 15, SENTENCES)
    correct = numpy.random.default_rng([seed, int(quality * 1000)]).binomial(gold, quality)
    return dict(zip(COUNTS, (values.tolist() for values in (correct, gold, gold)), strict=True))


def record(system: str, tasks: tuple[str, ...], seed: int, quality: float, **more: Any) -> Record:
    """One record."""
    found = {task: counts(task, seed, quality) for task in tasks}
    scores = {
        f"{task}_{METRICS[task]}": sum(found[task]["correct"]) / sum(found[task]["gold"])
        for task in tasks
    }
    return {
        "system": system,
        "tasks": list(tasks),
        "experiment": "training_configs/stem_cell/joint/all.jsonnet",
        "command": "python -m docs.five_tasks --epochs 2",
        "seed": seed,
        "encoder": "tiny",
        "hardware": "one core",
        "minutes": 1.5,
        "budget": {"epochs": 2, "sentences": None, "overlay": "{}"},
        "data": {},
        "versions": {"torch": "9.9"},
        "scores": {"dev": {}, "test": scores},
        "metric": {task: METRICS[task] for task in tasks},
        "counts": found,
        **more,
    }


def grid() -> dict[str, Record]:
    """Singles and MTL-5 with three seeds, pairs with one, and a foreign parser without counts."""
    records = {
        f"{task}.{seed}": record("STL", (task,), seed, 0.7) for task in TASKS for seed in SEEDS
    }
    for pair in combinations(TASKS, 2):
        records[f"{'_'.join(pair)}.13"] = record("pair", pair, 13, 0.72)
    for seed in SEEDS:
        records[f"all.{seed}"] = record("MTL-5", TASKS, seed, 0.9)
    peer = record("allennlp-models", ("dep",), 13, 0.65, model="biaffine_parser", budget={})
    del peer["counts"]
    return records | {"biaffine_parser.13": peer}
