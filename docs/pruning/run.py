"""One run from configuration to record: train, score, remove heads, keep what is small."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from allennlp_heads.reports.files import package_versions
from allennlp_heads.training.run_info import file_digests
from docs.pruning.plan import GATED, PruningBudget, Run, text_of
from docs.pruning.record import MASKED, STAGES, write_record
from docs.pruning.stages import WHOLE, Stages
from docs.record_result import result_of
from docs.runs.budget import command_of, configuration, data_paths
from docs.runs.console import train
from docs.runs.records import Record

_LARGE = ("*.th", "model.tar.gz", "*.safetensors", "pytorch_model.bin")
_GATES = ("gates.json", "gates.npz")
_ABOUT_REMOVAL = (
    "threshold",
    "parameters",
    "bytes",
    "largest_difference",
    "cost",
    "measured",
    "transformers",
)


def do(
    run: Run, budget: PruningBudget, out: Path, results: Path, hardware: str, threads: int
) -> None:
    """
    Do, or go on with, a run and write its record into `results`, with gates also the gates of its
    epochs. Weights are deleted then; logs, scores and reports stay in `out`.

    Raises `Failed` when a command fails.
    """
    text = text_of(run, budget)
    config = configuration(text)
    folder = out / run.name
    resumed = train(text, folder, threads)
    stages = Stages(folder, config["test_data_path"], budget, threads)
    own = _gated(config, stages) if run.kind == GATED else _masked(config, stages)
    trained = result_of(folder)
    record = {
        "kind": run.kind,
        "setting": run.setting,
        "tasks": list(run.tasks),
        "experiment": run.experiment,
        "command": command_of("docs.pruning", budget),
        "seed": run.seed,
        "encoder": trained["encoder"],
        "hardware": hardware,
        "minutes": round(trained["minutes"] + stages.minutes, 2),
        "resumed": resumed or stages.resumed,
        "budget": asdict(budget),
        "data": file_digests(data_paths(config)),
        "versions": package_versions(),
        "dev": trained["scores"]["dev"],
        **own,
    }
    if run.kind == GATED:
        _keep_gates(folder / "heads", results / "gates" / run.name / "heads")
    write_record(results / f"{run.name}.json", record)
    for pattern in _LARGE:
        for path in folder.rglob(pattern):
            path.unlink()


def _gated(config: dict[str, Any], stages: Stages) -> Record:
    """Metrics, stages and sets of a run with learned gates."""
    gated, binarised, removed = STAGES
    stages.as_trained(gated)
    stages.binarised(binarised)
    names = {name: f"{removed}.{name}" for name in _sets_of(config)}
    for name, evaluation in names.items():
        stages.removed(evaluation, name)
    return {
        "metric": stages.metrics(gated),
        "stages": {
            gated: stages.results(gated),
            binarised: stages.results(binarised),
            removed: stages.results(*names.values()),
        },
        "sets": {name: _pruned(stages.pruned(name)) for name in names},
    }


def _masked(config: dict[str, Any], stages: Stages) -> Record:
    """Metrics, stages and sets of a run with a fixed mask."""
    stages.as_trained(MASKED)
    mask = config["model"]["backbone"]["gates"]["mask"]
    return {
        "metric": stages.metrics(MASKED),
        "stages": {MASKED: stages.results(MASKED)},
        "sets": {WHOLE: heads_of(mask)},
    }


def heads_of(mask: list[list[int]]) -> Record:
    """A mask, one row of 0s and 1s a layer, as the heads kept of each layer."""
    kept = [[head for head, value in enumerate(row) if value] for row in mask]
    return {"kept": kept, "heads": sum(map(len, mask))}


def _sets_of(config: dict[str, Any]) -> list[str]:
    return list(config["model"]["backbone"]["gates"].get("tasks", [WHOLE]))


def _pruned(folder: Path) -> Record:
    report = json.loads((folder / "heads" / "pruning.json").read_text("utf-8"))
    about = {key: report[key] for key in _ABOUT_REMOVAL}
    return {"kept": report["kept"], "heads": report["heads"]["before"], "pruning": about}


def _keep_gates(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in _GATES:
        shutil.copyfile(source / name, target / name)
