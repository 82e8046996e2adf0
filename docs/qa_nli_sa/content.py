"""What the files of a finished run say, as a record."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from allennlp_heads.reports.files import package_versions, read_arrays
from allennlp_heads.training.run_info import file_digests
from docs.qa_nli_sa.floor import floor_counts
from docs.qa_nli_sa.plan import (
    UNTRAINED,
    QaBudget,
    Run,
    configuration_of,
    epochs_of,
    updates_of,
)
from docs.qa_nli_sa.record import scores_by_epoch
from docs.record_result import result_of
from docs.runs.budget import command_of, data_paths
from docs.runs.packed import pack
from docs.runs.records import Record


def content_of(run: Run, budget: QaBudget, folder: Path) -> Record:
    """
    The record of a run, without `hardware` and `resumed`. Raises `ValueError` where its last epoch
    was not scored.

    # Parameters

    run : `Run`
    budget : `QaBudget`
    folder : `Path`
        Of the run.
    """
    trained, config = result_of(folder), configuration_of(run, budget)
    report = json.loads((folder / "heads" / "scores" / "scores.json").read_text("utf-8"))
    metric = {task: report["tasks"][task]["metric"] for task in run.tasks}
    counts = {task: _counts(folder, task, epochs_of(run, budget)) for task in run.tasks}
    untrained = run.setting == UNTRAINED
    return {
        "setting": run.setting,
        "seed": run.seed,
        "tasks": list(run.tasks),
        "metric": metric,
        "experiment": run.experiment,
        "command": command_of("docs.qa_nli_sa", budget),
        "encoder": trained["encoder"],
        "minutes": {"train": trained["minutes"]},
        "budget": asdict(budget),
        "data": file_digests(data_paths(config)),
        "versions": package_versions(),
        "updates": updates_of(run, budget),
        "batch_size": config["data_loader"]["batch_size"],
        "trained": report.get("trained"),
        "phases": _phases(folder),
        "scores": {task: scores_by_epoch(found, metric[task]) for task, found in counts.items()},
        "counts": {
            task: pack(found[-1], f"{_scores_path(folder, task)}, task {task}")
            for task, found in counts.items()
        },
        "floor": _floor(config) if untrained else None,
    }


def _counts(folder: Path, task: str, epochs: int) -> Any:
    """`[epochs, examples, K]`."""
    path = _scores_path(folder, task)
    arrays = read_arrays(path)
    if arrays["epochs"].tolist() != list(range(epochs)):
        raise ValueError(f"{path} has epochs {arrays['epochs'].tolist()}, not all {epochs}")
    return arrays["counts"]


def _scores_path(folder: Path, task: str) -> Path:
    return folder / "heads" / "scores" / f"{task}.validation.npz"


def _phases(folder: Path) -> Any:
    path = folder / "heads" / "phases.json"
    return json.loads(path.read_text("utf-8"))["phases"] if path.is_file() else None


def _floor(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        task: {name: pack(counts, f"{task}, {name}") for name, counts in found.items()}
        for task, found in floor_counts(config).items()
    }
