"""Embeddings and matrices of made-up tasks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy

from allennlp_heads.reports.embeddings import write_embedding
from allennlp_heads.reports.transfer import TransferMatrix, evaluation_files, ranking_files
from tests.reports.embeddings.made import embedding

CLASSES = ("classification", "questions", "labelling")
TASKS = ["cola", "sst2", "squad", "boolq", "pos", "ner"]


@contextmanager
def pictures_unsaved() -> Iterator[None]:
    """Reports without their pictures, which are drawn, but not looked at."""
    with mock.patch.object(evaluation_files, "save_figure"):
        with mock.patch.object(ranking_files, "save_figure"):
            yield


def class_of(place: int, tasks: int) -> str:
    """As many of one class as of another, one class after the other."""
    return CLASSES[place * len(CLASSES) // tasks]


def written_embeddings(folder: Path, tasks: Sequence[str] = TASKS, **changes: Any) -> Path:
    """Of all kinds; the more training examples the later the task."""
    for place, task in enumerate(tasks):
        about = {"class": class_of(place, len(tasks)), "available": 100 * (place + 1)}
        write_embedding(folder, embedding(task, place, **{**about, **changes}))
    return folder


def matrix(tasks: Sequence[str] = TASKS, restarts: int = 2, seed: int = 0) -> TransferMatrix:
    """Random scores, all cells there."""
    draw, number = numpy.random.default_rng(seed), len(tasks)
    direct = draw.uniform(0.4, 0.6, (number, restarts))
    scores = numpy.clip(draw.normal(0.55, 0.1, (number, number, restarts)), 0, 1)
    scores[numpy.arange(number), numpy.arange(number)] = numpy.nan
    return TransferMatrix(
        "limited_limited",
        list(tasks),
        {task: class_of(place, number) for place, task in enumerate(tasks)},
        {task: "accuracy" for task in tasks},
        {task: 300 for task in tasks},
        {task: 1000 - place for place, task in enumerate(tasks)},
        direct,
        scores,
        {task: [(5, 0.3), (10, 0.3 + 0.01 * place)] for place, task in enumerate(tasks)},
    )
