"""One run from configuration to record: train, score the test sentences, keep what is small."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

import numpy

from allennlp_heads.reports.files import package_versions
from allennlp_heads.training.run_info import file_digests
from docs.five_tasks.plan import ROOT, Budget, Run, configuration, experiment
from docs.five_tasks.record import COUNTS, Record, read_record, write_record
from docs.record_result import result_of, scores_of

_LARGE = ("*.th", "model.tar.gz")


class Failed(Exception):
    """A command of a run failed; the message says where its output is."""


def is_done(run: Run, budget: Budget, results: Path) -> bool:
    """
    Whether the record of a run exists. Raises `Failed` when it is of another budget, with which it
    would not be in one table.
    """
    path = results / f"{run.name}.json"
    if not path.is_file():
        return False
    if read_record(path)["budget"] != asdict(budget):
        raise Failed(f"{path} is of another budget: delete it, or give the budget it has")
    return True


def do(run: Run, budget: Budget, out: Path, results: Path, hardware: str, threads: int) -> None:
    """
    Train (or go on with) a run, score its best epoch on the test files and write its record into
    `results`. The weights are deleted then; logs, scores and reports stay in `out`.

    Raises `Failed` when a command fails.
    """
    text = experiment(run, budget)
    config = configuration(text)
    folder = out / run.name
    file = out / f"{run.name}.jsonnet"
    out.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    if not (folder / "model.tar.gz").is_file():
        recover = ["--recover"] if (folder / "config.json").is_file() else []
        if recover:
            (out / f"{run.name}.resumed").touch()
        _heads(["train", str(file), "-s", str(folder), *recover], out / run.name, threads)
    limit = {
        "evaluation": {"type": "example_scores"},
        "validation_data_loader.max_instances": budget.test_sentences,
    }
    evaluate = ["evaluate", str(folder / "model.tar.gz"), json.dumps(config["test_data_path"])]
    evaluate += ["--output-file", str(folder / "test.json"), "--overrides", json.dumps(limit)]
    started = time.monotonic()
    _heads(evaluate, out / run.name, threads)
    record = record_of(run, budget, folder)
    record["minutes"] = round(record["minutes"] + (time.monotonic() - started) / 60, 2)
    record["resumed"] = (out / f"{run.name}.resumed").is_file()
    paths = (config[f"{part}_data_path"].values() for part in ("train", "validation", "test"))
    record |= {"hardware": hardware, "data": file_digests(sorted(set(chain(*paths))))}
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
        "command": command_of(budget),
        "seed": run.seed,
        "encoder": result["encoder"],
        "minutes": result["minutes"],
        "budget": asdict(budget),
        "versions": package_versions(),
        "scores": {"dev": result["scores"]["dev"], "test": scores_of(test)},
        "metric": {task: report["tasks"][task]["metric"] for task in run.tasks},
        "counts": {task: _counts(folder / f"{task}.test.npz") for task in run.tasks},
    }


def command_of(budget: Budget) -> str:
    """The command line that makes all runs with this budget."""
    default, words = asdict(Budget()), ["python -m docs.five_tasks"]
    for key, value in asdict(budget).items():
        if value != default[key]:
            words.append(f"--{key.replace('_', '-')} {shlex.quote(str(value))}")
    return " ".join(words)


def _counts(path: Path) -> dict[str, list[int]]:
    with numpy.load(path) as arrays:
        counts = arrays["counts"][-1]
    return {name: counts[:, column].tolist() for column, name in enumerate(COUNTS)}


def _heads(words: list[str], log: Path, threads: int) -> None:
    """Run the console script; its output is added to `<log>.log`."""
    environment: dict[str, Any] = {
        **os.environ,
        "OMP_NUM_THREADS": str(threads),
        "TOKENIZERS_PARALLELISM": "false",
        "OMP_WAIT_POLICY": "passive",
    }
    script = [sys.executable, str(ROOT / "allennlp_heads_cli.py")]
    log = log.with_name(f"{log.name}.log")
    with log.open("ab") as file:
        command = [*script, *words, "--file-friendly-logging"]
        status = subprocess.run(command, stdout=file, stderr=file, env=environment).returncode
    if status:
        raise Failed(f"'allennlp-heads {words[0]}' ended with status {status}: see {log}")
