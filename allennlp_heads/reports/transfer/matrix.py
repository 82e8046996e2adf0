"""The measured transfer between tasks: one score for each source, target and restart."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.draft import drafted
from allennlp_heads.reports.files import atomic_write, read_report, write_report
from allennlp_heads.reports.transfer.numbers import mean_there

SCHEMA = ("transfer", 1)
"""Name and version of the schema."""

STEM = "transfer"
"""Of the files that are written: `transfer.json` and `transfer.csv`."""

NO_SOURCE = "none"
"""How direct fine-tuning on the target is called in names of files and in tables."""

Cell = dict[str, Any]
Curve = list[tuple[int, float]]

_COLUMNS = ("source", "target", "restart", "score", "examples", "dev_examples", "updates", "seed")


@dataclass(frozen=True)
class TransferMatrix:
    """
    The scores of one regime.

    # Parameters

    regime : `str`
        `"full_full"`, `"full_limited"` or `"limited_limited"`: training data of sources and
        targets.
    tasks : `List[str]`
        In the order of rows and columns.
    classes : `Dict[str, str]`
        Task -> its class: `"classification"`, `"questions"`, `"labelling"` or an own one.
    metrics : `Dict[str, str]`
        Task -> the name of its main metric.
    examples : `Dict[str, int]`
        Task -> training examples that it is a source with.
    available : `Dict[str, int]`
        Task -> training examples that there are.
    direct : `numpy.ndarray`
        `[targets, restarts]`: scores of fine-tuning on the target alone, between 0 and 1
        (correlations: -1 and 1), nan where missing.
    scores : `numpy.ndarray`
        `[sources, targets, restarts]`: the same after fine-tuning on the source, nan where missing
        and on the diagonal.
    curves : `Dict[str, List[Tuple[int, float]]]`, optional (default = `{}`)
        Task -> updates and scores on the way of direct fine-tuning, restart 0.
    """

    regime: str
    tasks: list[str]
    classes: dict[str, str]
    metrics: dict[str, str]
    examples: dict[str, int]
    available: dict[str, int]
    direct: numpy.ndarray
    scores: numpy.ndarray
    curves: dict[str, Curve] = field(default_factory=dict)

    @property
    def performance(self) -> numpy.ndarray:
        """
        `[sources, targets]`: mean over the target's `compared` restarts, in points (0 to 100); nan
        where there is none.
        """
        return 100 * mean_there(numpy.where(self.compared, self.scores, numpy.nan), axis=-1)

    @property
    def baseline(self) -> numpy.ndarray:
        """
        `[targets]`: mean of direct fine-tuning over the `compared` restarts, in points; nan where
        it is missing.
        """
        return 100 * mean_there(numpy.where(self.compared, self.direct, numpy.nan), axis=-1)

    @property
    def compared(self) -> numpy.ndarray:
        """
        `[targets, restarts]`, `bool`: the restarts that means are over. Restarts differ more than
        sources do, so that means over others could not be compared: those restarts of a target
        count that all of its sources and its direct fine-tuning have, as far as these were measured
        at all. Where there is none, it is the first one of those that have the most scores, and
        what lacks it is missing.
        """
        there = ~numpy.isnan(numpy.concatenate([self.scores, self.direct[None]]))
        measured = there.any(axis=-1, keepdims=True)
        common = (there | ~measured).all(axis=0) & measured.any(axis=0)
        numbers = there.sum(axis=0)
        fullest = numpy.zeros_like(common)
        fullest[numpy.arange(len(numbers)), numbers.argmax(axis=-1)] = True
        return numpy.where(common.any(axis=-1, keepdims=True), common, fullest)

    @property
    def gains(self) -> numpy.ndarray:
        """
        `[sources, targets]`: (performance - baseline) / baseline; nan where either is missing, and
        where the baseline is not above 0 (as a correlation of constant predictions), to which
        nothing is relative. Vu et al. 2020.
        """
        above = numpy.where(self.baseline > 0, self.baseline, numpy.nan)
        return (self.performance - above) / above

    @property
    def missing(self) -> list[tuple[str | None, str, int]]:
        """Source (`None` for direct fine-tuning), target and restart of the cells not there."""
        found: list[tuple[str | None, str, int]] = [
            (None, self.tasks[target], int(restart))
            for target, restart in numpy.argwhere(numpy.isnan(self.direct))
        ]
        found.extend(
            (self.tasks[source], self.tasks[target], int(restart))
            for source, target, restart in numpy.argwhere(numpy.isnan(self.scores))
            if source != target
        )
        return found


def matrix_file(path: str | os.PathLike[str]) -> Path:
    """
    The file of a matrix that is named by itself or by its folder. Raises `ConfigurationError` where
    it is rather in a folder below, as those of regimes are.
    """
    file = Path(path)
    if not file.is_dir():
        return file
    below = sorted(file.glob(f"*/{STEM}.json"))
    if below and not (file / f"{STEM}.json").exists():
        folders = " or ".join(str(one.parent) for one in below)
        raise ConfigurationError(f"{file} holds the matrices of several regimes: give {folders}")
    return file / f"{STEM}.json"


def read_matrix(path: str | os.PathLike[str]) -> TransferMatrix:
    """
    Read `transfer.json`.

    # Parameters

    path : `PathLike`
        The file, or its folder.

    Raises `ConfigurationError` that names file and key for what is not as `write_matrix` writes
    it: another schema, a task twice, a cell of an unknown task, or twice, or with a score that is
    no number up to 1.
    """
    file = matrix_file(path)
    document = read_report(file, *SCHEMA)
    try:
        tasks, restarts = list(document["tasks"]), int(document["restarts"])
        if len(set(tasks)) < len(tasks):
            raise ConfigurationError(f"{file}: 'tasks' has a name twice: {', '.join(tasks)}")
        direct = numpy.full((len(tasks), restarts), numpy.nan)
        scores = numpy.full((len(tasks), len(tasks), restarts), numpy.nan)
        for number, cell in enumerate(document["cells"]):
            _place(cell, f"{file}: cells[{number}]", tasks, direct, scores)
        return TransferMatrix(
            document["regime"],
            tasks,
            document["classes"],
            document["metrics"],
            document["examples"],
            {task: int(number) for task, number in document["available"].items()},
            direct,
            scores,
            {task: _curve(points) for task, points in document["curves"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigurationError(
            f"{file}: not a whole matrix of transfer ({type(error).__name__}: {error}). Write it "
            "again with `allennlp heads transfer`"
        ) from error


def write_matrix(
    folder: str | os.PathLike[str],
    matrix: TransferMatrix,
    cells: Sequence[Cell] | None = None,
    about: Mapping[str, Any] | None = None,
    seed: int | None = None,
) -> list[Path]:
    """
    Write `transfer.json` and `transfer.csv` (one line a cell), atomically.

    # Parameters

    folder : `PathLike`
    matrix : `TransferMatrix`
    cells : `List[Dict[str, Any]]`, optional (default = those of the matrix that have a score)
        With `source` (`None`: direct), `target`, `restart`, `score` and what else is known of each.
    about : `Dict[str, Any]`, optional (default = `None`)
        Further keys, as `encoder` and `data`.
    seed : `int`, optional (default = `None`)

    # Returns

    `List[Path]`
        The files.
    """
    cells = _cells(matrix) if cells is None else cells
    content = {
        key: getattr(matrix, key)
        for key in ("regime", "tasks", "classes", "metrics", "examples", "available")
    }
    content |= {
        "restarts": matrix.direct.shape[-1],
        **(about or {}),
        "cells": list(cells),
        "curves": matrix.curves,
    }
    names = [f"{STEM}.{suffix}" for suffix in ("json", "csv")]
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for cell in cells:
        writer.writerow({**cell, "source": cell["source"] or NO_SOURCE})
    with drafted(folder, STEM, SCHEMA[1]) as draft:
        with atomic_write(draft / names[1]) as file:
            file.write(text.getvalue().encode())
        write_report(draft / names[0], *SCHEMA, content, seed=seed)
    return [Path(folder) / name for name in names]


def _cells(matrix: TransferMatrix) -> list[Cell]:
    rows = [(None, matrix.direct), *zip(matrix.tasks, matrix.scores, strict=True)]
    return [
        {
            "source": source,
            "target": matrix.tasks[target],
            "restart": int(restart),
            "score": float(row[target, restart]),
        }
        for source, row in rows
        for target, restart in numpy.argwhere(~numpy.isnan(row))
    ]


def _curve(points: Sequence[Sequence[float]]) -> list[tuple[int, float]]:
    found = [(int(updates), float(score)) for updates, score in points]
    if any(one[0] >= other[0] for one, other in zip(found, found[1:])):
        raise ValueError(f"the updates of a curve must ascend: {[updates for updates, _ in found]}")
    return found


def _place(
    cell: Cell, where: str, tasks: list[str], direct: numpy.ndarray, scores: numpy.ndarray
) -> None:
    source, target, restart, score = (cell[k] for k in ("source", "target", "restart", "score"))
    for key in ("source", "target"):
        if cell[key] not in tasks and not (key == "source" and source is None):
            raise ConfigurationError(
                f"{where}: '{key}' is {cell[key]!r}, which is none of 'tasks': {', '.join(tasks)}"
            )
    if source == target:
        raise ConfigurationError(f"{where}: '{target}' is its own source; remove the cell")
    if not isinstance(score, (int, float)) or not -1 <= score <= 1:  # correlations may be negative
        raise ConfigurationError(
            f"{where}: 'score' is {score!r}, no number up to 1 (0.55 for 55 points); remove the "
            "cell, a missing one is allowed"
        )
    if not 0 <= restart < direct.shape[-1]:
        raise ConfigurationError(
            f"{where}: 'restart' is {restart}, but 'restarts' is {direct.shape[-1]}"
        )
    row = direct if source is None else scores[tasks.index(source)]
    place = (tasks.index(target), restart)
    if not math.isnan(row[place]):
        raise ConfigurationError(
            f"{where}: {source or NO_SOURCE} -> {target}, restart {restart}, occurs twice"
        )
    row[place] = score
