"""What is kept of a run's probes: all that tables, tests and pictures of the page are made of."""

from __future__ import annotations

import shutil
from dataclasses import asdict, is_dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy

from allennlp_heads.analysis.probing.result import ItemScores, ProbeResult
from allennlp_heads.reports.files import read_report
from allennlp_heads.reports.probing.files import SCHEMA, VERSION, read_probe, write_probe

FILES = ("probe.json", "probe.npz")
_DIGITS = 6

Record = TypeVar("Record")


def keep(source: Path, target: Path) -> None:
    """
    Keep what `allennlp-heads heads probe` wrote into the folder `source`, without its centroids,
    tables and pictures, and without names of files that only this machine has.
    """
    results = {task: _small(result) for task, result in read_probe(source).items()}
    report = read_report(source / "probe.json", SCHEMA, VERSION)
    about = {"trained_tasks": report.get("trained_tasks")}
    target.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target, prefix=".") as draft:
        write_probe(draft, results, about, report["seed"], figures=False)
        for name in FILES:
            shutil.move(Path(draft) / name, target / name)


def _small(result: ProbeResult) -> ProbeResult:
    """Whole numbers in as few bytes as they need, six digits of all others, no centroids."""
    items = ItemScores(**{name: _narrow(array) for name, array in vars(result.items).items()})
    return replace(
        result,
        labels=[_rounded(score) for score in result.labels],
        accuracy=result.accuracy.astype(numpy.float32),
        overall={name: _rounded(score) for name, score in result.overall.items()},
        items=items,
        statistics={
            name: values.astype(numpy.float32) for name, values in result.statistics.items()
        },
        tree=None if result.tree is None else _rounded(result.tree),
        centroids=None,
    )


def _narrow(array: numpy.ndarray) -> numpy.ndarray:
    if array.dtype == bool or not len(array):
        return array
    return array.astype(numpy.min_scalar_type(array.max()))


def _rounded(record: Record) -> Record:
    assert is_dataclass(record) and not isinstance(record, type)
    numbers: dict[str, Any] = {
        name: round(value, _DIGITS)
        for name, value in asdict(record).items()
        if isinstance(value, float)
    }
    return replace(record, **numbers)
