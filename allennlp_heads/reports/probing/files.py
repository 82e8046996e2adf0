"""`probe.json`, `probe.npz`, tables and pictures of a run's probes; written and read back."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.probing.intervals import CONFIDENCE
from allennlp_heads.analysis.probing.result import LabelScore, OverallScore, ProbeResult
from allennlp_heads.reports.draft import drafted
from allennlp_heads.reports.files import (
    atomic_write,
    file_stems,
    read_arrays,
    read_report,
    write_arrays,
    write_report,
)
from allennlp_heads.reports.probing.agreement import check_agreement
from allennlp_heads.reports.probing.examples import NAME as EXAMPLES
from allennlp_heads.reports.probing.examples import write_examples
from allennlp_heads.reports.probing.restored import restored
from allennlp_heads.reports.probing.tables import csv_table, latex_tables, markdown_tables

SCHEMA, VERSION = "probe", 1

PathLike = str | os.PathLike[str]


def write_probe(
    folder: PathLike,
    results: Mapping[str, ProbeResult],
    about: Mapping[str, Any],
    seed: int | None = None,
    figures: bool = True,
) -> list[str]:
    """
    Write what the probes of some tasks found, all files together or none: `probe.json`,
    `probe.npz`, the tables `probe.{md,csv,tex}`, where results have examples also
    `probe_examples.json`, and the pictures, which with several tasks carry the task's name. Where
    earlier calls wrote into `<folder>/probe_epochs/<epoch>`, the change over the epochs is drawn
    too. Equal results give equal bytes.

    # Parameters

    folder : `PathLike`
    results : `Mapping[str, ProbeResult]`
        By task, of one encoder.
    about : `Mapping[str, Any]`
        Further keys of the JSON, such as `encoder` and `data_files`.
    seed : `int`, optional (default = `None`)
        Of the run.
    figures : `bool`, optional (default = `True`)
        Whether to draw.

    # Returns

    `List[str]`
        The names of the files.

    Raises `ConfigurationError` when the folder cannot be written, and `ValueError` without results
    or with those of encoders of different sizes.
    """
    shapes = {result.exists.shape for result in results.values()}
    if len(shapes) != 1:
        raise ValueError(f"a report is of the heads of one encoder, not of {sorted(shapes)}")
    with drafted(folder, SCHEMA, VERSION) as draft:
        arrays = {
            f"{name}/{task}": array
            for task, result in results.items()
            for name, array in _arrays(result).items()
        }
        write_arrays(draft / "probe.npz", arrays)
        tables = {"md": markdown_tables, "csv": csv_table, "tex": latex_tables}
        for kind, table in tables.items():
            with atomic_write(draft / f"probe.{kind}") as file:
                file.write(table(results).encode())
        write_examples(draft / EXAMPLES, results, about, seed)
        if figures:
            _draw(draft, results)
            _draw_epochs(draft, Path(folder))
        names = sorted(["probe.json", *(path.name for path in draft.iterdir())])
        layers, heads = shapes.pop()
        content = {
            **about,
            "layers": layers,
            "heads": heads,
            "confidence": CONFIDENCE,
            "tasks": {task: _content(result) for task, result in results.items()},
            "files": names,
        }
        write_report(draft / "probe.json", SCHEMA, VERSION, content, seed)
    return names


def probe_file(source: PathLike) -> Path:
    """The `probe.json` of a file, its folder, or the folder of a training with one in `heads/`."""
    path = Path(source)
    if path.is_dir():
        path = path / "probe.json"
        if not path.exists():
            path = Path(source) / "heads" / "probe.json"
    return path


def read_probe(source: PathLike) -> dict[str, ProbeResult]:
    """
    Read back what `write_probe` wrote.

    # Parameters

    source : `PathLike`
        See `probe_file`.

    # Returns

    `Dict[str, ProbeResult]`
        By task, as they were, but without `examples`; see `read_examples`.

    Raises `ConfigurationError` when there is no such report, or when it is damaged: something is
    missing, of another type, impossible, or contradicts something else, such as an accuracy that
    does not follow from the scored items.
    """
    path = probe_file(source)
    report = read_report(path, SCHEMA, VERSION)
    arrays = read_arrays(path.with_suffix(".npz"))
    try:
        tasks = report["tasks"].items()
        return {task: _task(task, report, found, arrays) for task, found in tasks}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        told = f"{error} is missing" if isinstance(error, KeyError) else error
        raise ConfigurationError(
            f"{path} and {path.with_suffix('.npz').name} do not belong together or are damaged "
            f"({told}): write them again with 'allennlp heads probe'"
        ) from error


def _draw(folder: Path, results: Mapping[str, ProbeResult]) -> None:
    from allennlp_heads.reports.figures import save_figure
    from allennlp_heads.reports.probing.pictures import probe_figures

    for stem, (task, result) in zip(file_stems(results), results.items()):
        suffix = f".{stem}" if len(results) > 1 else ""
        for name, figure in probe_figures(task, result).items():
            save_figure(figure, folder / f"probe_{name}{suffix}")


def _draw_epochs(draft: Path, folder: Path) -> None:
    from allennlp_heads.reports.figures import save_figure
    from allennlp_heads.reports.probing.epochs import epochs_figure, read_epochs

    found = read_epochs(folder)
    for stem, (task, results) in zip(file_stems(found), found.items()):
        suffix = f".{stem}" if len(found) > 1 else ""
        if len(results) > 1:
            save_figure(epochs_figure(task, results), draft / f"probe_epochs{suffix}")


def _content(result: ProbeResult) -> dict[str, Any]:
    centroids = result.centroids
    return {
        "kind": result.kind,
        "epoch": result.epoch,
        "options": result.options,
        "samples": result.samples,
        "notes": result.notes,
        "missing": numpy.argwhere(~result.exists),
        "overall": {name: _record(score) for name, score in result.overall.items()},
        "tree": None if result.tree is None else dataclasses.asdict(result.tree),
        "labels": [_record(score) for score in result.labels],
        "centroids": (
            None if centroids is None else {"labels": centroids.labels, "heads": centroids.heads}
        ),
        "statistics": list(result.statistics),
    }


def _record(score: LabelScore | OverallScore) -> dict[str, Any]:
    return {**dataclasses.asdict(score), "selectivity": score.selectivity}


def _arrays(result: ProbeResult) -> dict[str, numpy.ndarray]:
    arrays = {"accuracy": result.accuracy, "counts": result.counts, "exists": result.exists}
    arrays |= {f"items.{name}": array for name, array in vars(result.items).items()}
    arrays |= {f"statistics.{name}": array for name, array in result.statistics.items()}
    if result.centroids is not None:
        arrays["centroids"] = result.centroids.vectors
    return arrays


def _task(
    task: str,
    report: Mapping[str, Any],
    found: Mapping[str, Any],
    arrays: Mapping[str, numpy.ndarray],
) -> ProbeResult:
    where = f"tasks.{task}"
    result = restored(where, found, _of_task(arrays, task))
    check_agreement(where, result)
    shape = report["layers"], report["heads"]
    if result.exists.shape != shape or numpy.argwhere(~result.exists).tolist() != found["missing"]:
        raise ValueError(
            f"{where}.missing, with {shape[0]} layers of {shape[1]} heads, is not what the array "
            "'exists' says"
        )
    return result


def _of_task(arrays: Mapping[str, numpy.ndarray], task: str) -> dict[str, numpy.ndarray]:
    parts = ((name.partition("/"), array) for name, array in arrays.items())
    return {name: array for (name, _, of), array in parts if of == task}
