"""Folders of runs with gates, as `gate_report` writes them, without any training."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy

from allennlp_heads.reports.files import write_arrays, write_report
from allennlp_heads.reports.gate_history import Entry, GateHistory


def write_run(
    folder: Path,
    gates: numpy.ndarray | dict[str, numpy.ndarray],
    tasks: Sequence[str] = ("pos",),
    seed: int = 0,
    epochs: int = 2,
    exists: numpy.ndarray | None = None,
    encoder: str = "tiny",
    finished: bool = True,
    data: str = "train",
) -> str:
    """A run whose gates close from ones to `gates`; a dictionary is one set for each task."""
    final = gates if isinstance(gates, dict) else {"gates": gates}
    cells = {
        key: numpy.ones(grid.shape, dtype=bool) if exists is None else exists
        for key, grid in final.items()
    }
    about: dict[str, Any] = {
        "encoder": dict.fromkeys(final, encoder),
        "tasks": sorted(tasks),
        "tasks_of_set": {key: [key] if key in tasks else list(tasks) for key in final},
        "data_files": {data: None},
    }
    history = GateHistory(cells, about=about, seed=seed)
    for epoch in range(-1, epochs):
        share = (epoch + 1) / epochs
        grids = {
            key: ((1 - share + share * grid) * cells[key]).astype(numpy.float32)
            for key, grid in final.items()
        }
        history.entries.append(Entry(epoch, epoch + 1, epoch >= 0, grids))
    if finished:
        history.final = history.best()
    history.write(folder / "heads")
    return str(folder)


def write_pruned(
    folder: Path, kept: numpy.ndarray, task: str = "pos", heads: Sequence[int] | None = None
) -> str:
    """What of a pruned model's folder tells which heads it has."""
    original = list(heads) if heads else [kept.shape[1]] * len(kept)
    content = {"encoder": "tiny", "original": original, "task": None}
    write_report(folder / "heads" / "pruning.json", "pruning", 1, content, seed=9)
    write_arrays(folder / "heads" / "pruning.npz", {"kept": kept})
    (folder / "config.json").write_text(json.dumps({"model": {"heads": {task: {}}}}))
    return str(folder)


def write_groups(
    folder: Path,
    tasks: Sequence[str],
    runs: int,
    shape: tuple[int, int],
    seed: int = 0,
    **more: Any,
) -> list[str]:
    """Several runs of each task that resemble each other a little."""
    generator = numpy.random.default_rng(seed)
    folders = []
    for task in tasks:
        common = generator.random(shape)
        for run in range(runs):
            gates = numpy.clip(3 * (common + 0.5 * generator.random(shape)) - 2, 0, 1)
            folders.append(write_run(folder / f"{task}_{run}", gates, [task], run, **more))
    return folders
