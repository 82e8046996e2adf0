"""Made-up records about transfer: tasks are points, and near ones help each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy

from allennlp_heads.analysis.transfer import similarities
from allennlp_heads.reports.transfer.matrix import TransferMatrix
from docs.runs.records import Record
from docs.transfer.plan import MAIN, SETTINGS, TransferBudget
from docs.transfer.record import (
    EMBEDDINGS,
    MATRIX,
    cosines_as_lists,
    scores_as_lists,
    write_record,
)

TASKS = ["sst2", "mnli", "rte", "qqp", "stsb", "squad", "pos", "ner", "dep", "con"]
CLASSES = dict.fromkeys(TASKS[:5], "classification") | {"squad": "questions"}
CLASSES |= dict.fromkeys(TASKS[6:], "labelling")
LAYERS, RESTARTS = 2, 2
BUDGET = {"sentences": 300, "epochs": 5, "batch_size": 8, "restarts": RESTARTS}
SHARED = {"encoder": "tiny", "budget": BUDGET}


def points(noise: float = 0.0, seed: int = 1) -> numpy.ndarray:
    """`[tasks, 6]`: the same places for all seeds, with noise of the seed's own."""
    places = numpy.abs(numpy.random.default_rng(0).normal(size=(len(TASKS), 6)))
    moved = places + noise * numpy.random.default_rng(seed).normal(size=places.shape)
    return numpy.abs(moved)


def matrix(restarts: int = RESTARTS, noise: float = 0.002) -> TransferMatrix:
    """Every target is at 0.5 alone, and higher or lower by how near its source is."""
    number = len(TASKS)
    near = similarities({t: {"": p} for t, p in zip(TASKS, points())})[""]
    generator = numpy.random.default_rng(3)
    scores = 0.5 + 0.4 * (near[..., None] - near.mean()) + numpy.zeros(restarts)
    scores += noise * generator.normal(size=scores.shape)
    scores[range(number), range(number)] = numpy.nan
    direct = 0.5 + noise * generator.normal(size=(number, restarts))
    return TransferMatrix(
        "limited_limited",
        TASKS,
        CLASSES,
        dict.fromkeys(TASKS, "accuracy"),
        dict.fromkeys(TASKS, 300),
        {task: 1000 + 500 * place for place, task in enumerate(TASKS)},
        direct.round(6),
        scores.round(6),
        {task: [(10, 0.3), (20, 0.4 + 0.01 * n)] for n, task in enumerate(TASKS)},
    )


def matrix_record(found: TransferMatrix, **more: Any) -> Record:
    """The record of a matrix."""
    keys = ("regime", "tasks", "classes", "metrics", "examples", "available", "curves")
    return {
        **{key: getattr(found, key) for key in keys},
        **scores_as_lists(found),
        "curves": {task: [list(point) for point in c] for task, c in found.curves.items()},
        "restarts": found.direct.shape[-1],
        "shared": {"sst2": {"mnli": 0.002}},
        "dev_examples": dict.fromkeys(TASKS, 300),
        "updates": dict.fromkeys(TASKS, 190),
        "minutes": {"fine-tuning": 3.0},
        "experiment": TransferBudget.settings,
        "command": "python -m docs.transfer",
        "hardware": "one core",
        "data": {"sst2.txt": "sst2"},
        "versions": {"torch": "9.9"},
        **SHARED,
        **more,
    }


def embeddings_record(setting: str, noise: dict[str, float], **more: Any) -> Record:
    """Component -> how far its points are moved away from the true ones; larger is worse."""
    numbered = enumerate(noise.items(), start=10)
    vectors = {name: points(size, seed) for seed, (name, size) in numbered}
    tables = similarities(
        {
            task: {name: rows[place] for name, rows in vectors.items()}
            for place, task in enumerate(TASKS)
        }
    )
    listed = cosines_as_lists(tables)
    return {
        "setting": setting,
        "options": {"mode": "per_example"} | SETTINGS[setting],
        "tasks": TASKS,
        "components": {name: {"size": 72, **found} for name, found in listed.items()},
        "examples": dict.fromkeys(TASKS, 300),
        "left_out": {"squad": {"layer_output.1": "all its values are 0"}},
        "bytes": dict.fromkeys(TASKS, 20_000),
        **SHARED,
        **more,
    }


def noises(task: float, heads: float) -> dict[str, float]:
    """Of the main setting: all components of TaskEmb alike, and both numbers of heads."""
    layered = [f"{name}.{n}" for name in ("layer_output", "head_context") for n in range(LAYERS)]
    found = {"text": 1.0} | dict.fromkeys([*layered, "pooled"], task)
    return found | dict.fromkeys(["heads.importance", "heads.gate_fisher"], heads)


def write(folder: Path, task: float = 0.02, heads: float = 0.02, restarts: int = RESTARTS) -> None:
    """All records."""
    write_record(folder / f"{MATRIX}.json", matrix_record(matrix(restarts)))
    for setting in SETTINGS:
        noise = noises(task, heads) if setting == MAIN else {"layer_output.0": 0.5}
        record = embeddings_record(setting, noise)
        write_record(folder / f"{setting}.{EMBEDDINGS}.json", record)
