"""The console script as a run's commands use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from docs.runs.budget import ROOT, Budget


class Failed(Exception):
    """A command of a run failed; the message says where its output is."""


def heads(words: list[str], log: Path, threads: int) -> None:
    """
    Run the console script; its output is added to `<log>.log`. Raises `Failed` when it fails.
    """
    with started(words, log, threads) as process:
        try:
            status = process.wait()
        except BaseException:
            process.kill()
            raise
    if status:
        raise Failed(f"'allennlp-heads {words[0]}' ended with status {status}: see {_file(log)}")


def started(
    words: list[str], log: Path, threads: int, new_session: bool = False
) -> subprocess.Popen[bytes]:
    """The console script as a process; with `new_session` Ctrl-C does not reach it."""
    environment: dict[str, Any] = {
        **os.environ,
        "OMP_NUM_THREADS": str(threads),
        "TOKENIZERS_PARALLELISM": "false",
        "OMP_WAIT_POLICY": "passive",
    }
    script = [sys.executable, str(ROOT / "allennlp_heads_cli.py")]
    with _file(log).open("ab") as file:
        return subprocess.Popen(
            [*script, *words],
            stdout=file,
            stderr=file,
            env=environment,
            start_new_session=new_session,
        )


def _file(log: Path) -> Path:
    return log.with_name(f"{log.name}.log")


def train(text: str, folder: Path, threads: int) -> bool:
    """
    Train, or go on with, the run of a configuration, unless it is finished.

    # Parameters

    text : `str`
        Jsonnet; kept beside the folder.
    folder : `Path`
        Of the run.
    threads : `int`

    # Returns

    `bool`
        Whether the training was ever cut off.
    """
    file, resumed = folder.with_name(f"{folder.name}.jsonnet"), _resumed(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    if not (folder / "model.tar.gz").is_file():
        recover = ["--recover"] if (folder / "config.json").is_file() else []
        if recover:
            resumed.touch()
        words = ["train", str(file), "-s", str(folder), *recover, "--file-friendly-logging"]
        heads(words, folder, threads)
    return resumed.is_file()


def score(
    archive: Path,
    data: dict[str, str],
    output: Path,
    budget: Budget,
    log: Path,
    threads: int,
    weights: Path | None = None,
) -> float:
    """
    `allennlp evaluate` an archive on test files, with the counts of every sentence beside `output`.

    # Parameters

    archive : `Path`
    data : `Dict[str, str]`
        Task -> file.
    output : `Path`
        For the metrics.
    budget : `Budget`
    log : `Path`
    threads : `int`
    weights : `Path`, optional (default = `None`)
        Instead of the archive's own.

    # Returns

    `float`
        Minutes that it took.
    """
    limit = {
        "evaluation": {"type": "example_scores"},
        "validation_data_loader.max_instances": budget.test_sentences,
    }
    words = ["evaluate", str(archive), json.dumps(data), "--output-file", str(output)]
    words += ["--overrides", json.dumps(limit), "--file-friendly-logging"]
    if weights is not None:
        words += ["--weights-file", str(weights)]
    started = time.monotonic()
    heads(words, log, threads)
    return (time.monotonic() - started) / 60


def _resumed(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.resumed")
