"""The files `dissociation.*`: written from an experiment's measurements, and read back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.dissociation_intervals import Interval
from allennlp_heads.reports.dissociation_data import DissociationData
from allennlp_heads.reports.dissociation_results import Options, Result, results
from allennlp_heads.reports.dissociation_tables import csv_table, markdown_tables
from allennlp_heads.reports.draft import drafted
from allennlp_heads.reports.files import (
    atomic_write,
    read_arrays,
    read_report,
    write_arrays,
    write_report,
)

SCHEMA, VERSION, STEM = "dissociation", 1, "dissociation"


def write_dissociation(
    data: DissociationData, folder: str | os.PathLike[str], options: Options = Options()
) -> list[Result]:
    """
    Write an experiment into a folder: `dissociation.npz` (masks and counts of every example),
    `.json` (the numbers), `.md` and `.csv` (tables), `.png` and `.svg` (heat map). All are made in
    a folder inside first, so that a failure leaves those of an earlier call as they were. The same
    measurements give the same bytes.

    # Returns

    `List[Result]`
        The numbers, one a share of masked heads.

    Raises `ConfigurationError` when the folder cannot be written.
    """
    found = results(data, options)
    with drafted(folder, STEM, VERSION) as draft:
        _write(data, found, options, draft / STEM)
    return found


def _write(data: DissociationData, found: list[Result], options: Options, stem: Path) -> None:
    from allennlp_heads.reports.dissociation_figure import dissociation_figure
    from allennlp_heads.reports.figures import save_figure

    write_arrays(stem.with_suffix(".npz"), data.arrays())
    for kind, text in (("md", markdown_tables(data, found)), ("csv", csv_table(data, found))):
        with atomic_write(stem.with_suffix(f".{kind}")) as file:
            file.write(text.encode())
    save_figure(dissociation_figure(data, found), stem)
    content = _content(data, found, options)
    write_report(stem.with_suffix(".json"), SCHEMA, VERSION, content, seed=options.seed)


def read_dissociation(folder: str | os.PathLike[str]) -> tuple[DissociationData, Options]:
    """
    Read back what `write_dissociation` wrote into `folder`, or a training into `folder/heads`;
    `results` of it are the report's numbers.

    Raises `ConfigurationError` when there is no such report or it is damaged.
    """
    stem = Path(folder) / STEM
    if not stem.with_suffix(".json").exists():
        stem = Path(folder) / "heads" / STEM
    report = read_report(stem.with_suffix(".json"), SCHEMA, VERSION)
    try:
        arrays = read_arrays(stem.with_suffix(".npz"))
        data = DissociationData.restored(arrays, report, report["about"])
        return data, Options(**report["options"])
    except (KeyError, TypeError) as error:
        raise ConfigurationError(f"{stem}.json and .npz do not belong together: {error}") from error


def _content(data: DissociationData, found: list[Result], options: Options) -> dict[str, Any]:
    layers, heads = data.exists.shape
    return {
        **data.description(),
        "about": list(data.about),
        "options": options._asdict(),
        "layers": layers,
        "heads_per_layer": data.exists.sum(axis=1),
        "heads": data.exists.sum(),
        "examples": {task: len(data.examples[task]) for task in data.tasks},
        "draws": data.random_masks.shape[3],
        "results": [_result(data, place, result) for place, result in enumerate(found)],
    }


def _result(data: DissociationData, place: int, result: Result) -> dict[str, Any]:
    tasks = data.tasks
    columns = list(enumerate(tasks))
    return {
        "alpha": result.alpha,
        "masked": result.masked,
        "masked_per_layer": {
            task: data.own_masks[:, place, row].sum(axis=-1) for row, task in columns
        },
        "base": {task: _over_runs(result.base[:, e]) for e, task in columns},
        "pruned": {
            mask: {task: _over_runs(result.own[:, p, e]) for e, task in columns}
            for p, mask in columns
        },
        "random": {task: _over_draws(result.random[:, :, e]) for e, task in columns},
        "relative": {
            mask: {task: result.mean.rp[p, e] for e, task in columns} for p, mask in columns
        },
        "relative_random": {task: result.random_rp[e] for e, task in columns},
        "d": {
            task: {
                "value": result.mean.d[task],
                **_intervals(result, lambda found, task=task: found.d[task]),
                "by_run": [run.d[task] for run in result.by_run],
            }
            for task in tasks
        },
        "mean_d": {
            "value": result.mean.mean,
            **_intervals(result, lambda found: found.mean),
            "by_run": [run.mean for run in result.by_run],
        },
        "pairs": [_pair(result, number) for number in range(len(result.mean.pairs))],
        "against_random": {task: _against_random(result, e, task) for e, task in columns},
        "undefined": result.mean.undefined,
    }


def _over_runs(scores: numpy.ndarray) -> dict[str, Any]:
    return {"mean": scores.mean(), "std": _std(scores), "by_run": scores}


def _over_draws(scores: numpy.ndarray) -> dict[str, Any]:
    """Of scores `[runs, draws]`; the spread is that over draws, in the mean over runs."""
    spread = numpy.mean([_std(run) for run in scores])
    return {"mean": scores.mean(), "std": spread, "by_run_and_draw": scores}


def _std(scores: numpy.ndarray) -> float:
    return float(scores.std(ddof=1)) if len(scores) > 1 else numpy.nan


def _pair(result: Result, number: int) -> dict[str, Any]:
    pair = result.mean.pairs[number]
    tasks = (pair.first, pair.second)
    return {
        "tasks": tasks,
        "d_by_task": [pair.d_first, pair.d_second],
        "d": pair.d,
        **_intervals(result, lambda found: found.pairs[tasks]),
        "verdict": pair.verdict,
        "by_run": [run.pairs[number].d for run in result.by_run],
        "verdicts_by_run": [run.pairs[number].verdict for run in result.by_run],
    }


def _against_random(result: Result, column: int, task: str) -> dict[str, Any]:
    test = result.tests[task]
    return {
        "relative": 100 * (result.random_rp[column] - result.mean.rp[column, column]),
        **_intervals(result, lambda found: found.against_random[task]),
        "score_difference": test.difference,
        "score_lower": test.lower,
        "score_upper": test.upper,
        "p_value": test.p_value,
        "p_value_holm": result.adjusted[task],
        "exact": test.exact,
    }


def _intervals(result: Result, of: Any) -> dict[str, Any]:
    """Bounds over examples, and over examples and runs where there are several."""
    bounds = _bounds(of(result.intervals), "")
    if result.run_intervals is not None:
        bounds |= _bounds(of(result.run_intervals), "_with_runs")
    return bounds


def _bounds(interval: Interval, suffix: str) -> dict[str, float]:
    return {f"lower{suffix}": interval.lower, f"upper{suffix}": interval.upper}
