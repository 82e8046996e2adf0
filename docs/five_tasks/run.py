"""One run from configuration to record: train, score the test sentences, keep what is small."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from allennlp_heads.reports.files import package_versions
from allennlp_heads.training.run_info import file_digests
from docs.five_tasks.plan import Run
from docs.five_tasks.record import Record, write_record
from docs.record_result import result_of, scores_of
from docs.runs.budget import Budget, command_of, configuration, data_paths, experiment
from docs.runs.console import score, train
from docs.runs.records import saved_counts

_LARGE = ("*.th", "model.tar.gz")


def do(run: Run, budget: Budget, out: Path, results: Path, hardware: str, threads: int) -> None:
    """
    Train (or go on with) a run, score its best epoch on the test files and write its record into
    `results`. The weights are deleted then; logs, scores and reports stay in `out`.

    Raises `Failed` when a command fails.
    """
    text = experiment(run.experiment, run.seed, budget)
    config = configuration(text)
    folder = out / run.name
    resumed = train(text, folder, threads)
    archive, tests = folder / "model.tar.gz", config["test_data_path"]
    minutes = score(archive, tests, folder / "test.json", budget, folder, threads)
    record = record_of(run, budget, folder)
    record["minutes"] = round(record["minutes"] + minutes, 2)
    record["resumed"] = resumed
    record |= {"hardware": hardware, "data": file_digests(data_paths(config))}
    write_record(results / f"{run.name}.json", record)
    for pattern in _LARGE:
        for path in folder.glob(pattern):
            path.unlink()


def record_of(run: Run, budget: Budget, folder: Path) -> Record:
    """What the files of a finished and scored run say, without `hardware` and `data`."""
    result = result_of(folder)
    report = json.loads((folder / "scores.test.json").read_text("utf-8"))
    test = json.loads((folder / "test.json").read_text("utf-8"))
    return {
        "system": run.system,
        "tasks": list(run.tasks),
        "experiment": run.experiment,
        "command": command_of("docs.five_tasks", budget),
        "seed": run.seed,
        "encoder": result["encoder"],
        "minutes": result["minutes"],
        "budget": asdict(budget),
        "versions": package_versions(),
        "scores": {"dev": result["scores"]["dev"], "test": scores_of(test)},
        "metric": {task: report["tasks"][task]["metric"] for task in run.tasks},
        "counts": {task: saved_counts(folder / f"{task}.test.npz") for task in run.tasks},
    }
