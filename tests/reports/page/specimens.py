"""
Run folders with every kind of report, written by the package's own writers from made-up numbers,
with text in them that a page must not run.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import numpy

import allennlp_heads  # noqa: F401  the modules whose pictures are left out are loaded with it
from tests.reports.comparing import made_runs
from tests.reports.gate_runs import write_run as write_gates
from tests.reports.page import specimen_heads, specimen_verbs
from tests.reports.page.hostile import RUN, SCRIPT, TASKS

DRAWN = ("save_figure", "head_map", "write_animation", "_figure", "_pictures")
"""What draws; every other name in the package that ends in `_figure` is left out as well."""


class Size(NamedTuple):
    """Layers, heads of a layer, and tasks of a run."""

    layers: int
    heads: int
    tasks: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.layers, self.heads

    @property
    def names(self) -> list[str]:
        return TASKS[: self.tasks]


SMALL = Size(6, 12, 2)
LARGE = Size(24, 16, 6)
EPOCHS = 5


def write_all(folder: Path, size: Size) -> list[str]:
    """
    Two trainings, and a folder of each verb that looks at several.

    # Returns

    `List[str]`
        Arguments of `allennlp heads report`; the first is a run with a name.
    """
    with without_pictures():
        runs = [write_run(folder / name, size, seed) for seed, name in enumerate(("one", "two"))]
        folders = specimen_verbs.write_verbs(folder, runs)
        if size.tasks > 2:
            out = folder / "similarity"
            folders.append(specimen_verbs.write_task_similarity(out, runs[0], size.names))
    return [f"{RUN}={runs[0]}", *runs[1:], *folders]


def write_run(folder: Path, size: Size, seed: int = 0) -> str:
    """A finished training with gates, scores, all reports of heads, and its pruned model."""
    random, tasks = numpy.random.default_rng(seed), size.names
    counts = {
        task: [
            made_runs.some_counts(100 * seed + 10 * place + epoch, 40, 0.5 + 0.08 * epoch)
            for epoch in range(EPOCHS)
        ]
        for place, task in enumerate(tasks)
    }
    path = made_runs.write_run(folder, counts, seed, note=SCRIPT, random_seed=seed)
    _write_metrics(folder, tasks, random)
    names = ["gates"] if size.tasks == 2 else tasks
    gates = {name: numpy.clip(random.normal(0.5, 0.6, size.shape), 0, 1) for name in names}
    write_gates(folder, gates, tasks, seed, EPOCHS, encoder=specimen_heads.ENCODER)
    specimen_heads.write_heads(folder / "heads", size.shape, tasks, EPOCHS, seed)
    specimen_heads.write_removal(folder / "pruned" / "heads", size.shape, seed)
    (folder / "pruned" / "config.json").write_text("{}", encoding="utf-8")
    return path


def _write_metrics(folder: Path, tasks: Sequence[str], random: numpy.random.Generator) -> None:
    """As AllenNLP's trainer writes them."""
    best: dict[str, Any] = {}
    for epoch in range(EPOCHS):
        metrics: dict[str, Any] = {"epoch": epoch, "training_duration": f"0:0{epoch}:17.5"}
        for part, shift in (("training", 0.05), ("validation", 0.0)):
            for place, task in enumerate(tasks):
                metrics[f"{part}_{task}_accuracy"] = 0.5 + 0.08 * epoch + shift - 0.05 * place
            metrics[f"{part}_score"] = 0.5 + 0.08 * epoch + shift
            metrics[f"{part}_loss"] = float(1 / (1 + epoch) + 0.01 * random.random())
        best = {f"best_{k}": v for k, v in metrics.items() if k.startswith("validation_")}
        text = json.dumps(metrics)
        (folder / f"metrics_epoch_{epoch}.json").write_text(text, encoding="utf-8")
    final = {"best_epoch": EPOCHS - 1, **metrics, **best}
    (folder / "metrics.json").write_text(json.dumps(final), encoding="utf-8")


@contextmanager
def without_pictures() -> Iterator[None]:
    """Reports without their pictures, which would take most of the time."""
    with ExitStack() as stack:
        for name, module in list(sys.modules.items()):
            if name.startswith("allennlp_heads."):
                for drawn in [key for key in vars(module) if _draws(key)]:
                    stack.enter_context(mock.patch.object(module, drawn))
        yield


def _draws(name: str) -> bool:
    return name in DRAWN or name.endswith("_figure")
