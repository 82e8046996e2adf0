"""What the files of a finished run say, as a record."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from allennlp_heads.reports.files import package_versions, read_arrays
from allennlp_heads.training.run_info import file_digests
from docs.record_result import result_of
from docs.runs.budget import command_of, data_paths
from docs.runs.packed import pack
from docs.runs.records import Record
from docs.specialization.plan import FIVE, Run, SpecializationBudget


def content_of(
    run: Run,
    budget: SpecializationBudget,
    folder: Path,
    config: dict[str, Any],
    minutes: dict[str, float],
) -> Record:
    """
    The record of a run, without `hardware` and `masked`.

    # Parameters

    run : `Run`
    budget : `SpecializationBudget`
    folder : `Path`
        Of the run.
    config : `Dict[str, Any]`
        Its configuration.
    minutes : `Dict[str, float]`
        Of the stages after the training.
    """
    trained = result_of(folder)
    scores = json.loads((folder / "heads" / "scores" / "scores.json").read_text("utf-8"))
    metric = {task: scores["tasks"][task]["metric"] for task in run.tasks}
    goes_on = run.source is not None
    dev = trained["scores"]["dev"]
    scored = None
    if goes_on or run.setting == FIVE:
        # the validation that chose the archived epoch has said it all
        scored = _scored(folder, metric, dev, scores["best_epoch"])
    return {
        "setting": run.setting,
        "alpha": run.alpha if goes_on else None,
        "start": run.start if goes_on else None,
        "tasks": list(run.tasks),
        "metric": metric,
        "experiment": run.experiment,
        "command": command_of("docs.specialization", budget),
        "seed": run.seed,
        "encoder": trained["encoder"],
        "minutes": {"train": trained["minutes"], **minutes},
        "resumed": folder.with_name(f"{folder.name}.resumed").is_file(),
        "budget": asdict(budget),
        "data": file_digests(data_paths(config)),
        "versions": package_versions(),
        "dev": dev,
        "scored": scored,
    }


def _scored(folder: Path, metric: dict[str, str], dev: dict[str, float], best_epoch: int) -> Record:
    counts = {}
    for task in metric:
        path = folder / "heads" / "scores" / f"{task}.validation.npz"
        arrays = read_arrays(path)
        place = arrays["epochs"].tolist().index(best_epoch)
        counts[task] = pack(arrays["counts"][place], f"{path}, task {task}")
    scores = {task: dev[f"{task}_{name}"] for task, name in metric.items()}
    return {"scores": scores, "counts": counts}
