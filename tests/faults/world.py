"""Two tiny finished trainings with their reports, and all else that the verbs take."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import allennlp_heads_cli
from tests import sentence_tasks
from tests.faults.callbacks import training
from tests.faults.faults import signals_raise
from tests.fewshot import experiments
from tests.reports.test_task_similarity import D, dissociation, table
from tests.training.runs import train
from tests.transfer import grids

RUN_CALLBACKS = ("gate_report", "example_scores", "task_embedding")


class Said(NamedTuple):
    """
    What a command left.

    # Parameters

    status : `int`
    lines : `List[str]`
        Of standard error, without progress and logs.
    """

    status: int
    lines: list[str]


class World:
    """
    # Parameters

    folder : `Path`
        Where its files are.
    encoder : `str`
    data : `Path`
        The project's own texts.
    """

    def __init__(self, folder: Path, encoder: str, data: Path) -> None:
        self.folder, self.data = folder, data
        self.run, self.other, self.glue = folder / "run.1", folder / "run.2", folder / "glue"
        for seed, place in enumerate((self.run, self.other)):
            config = training(encoder, data, *RUN_CALLBACKS, "head_probe")
            train({**config, "pytorch_seed": seed}, place)
        sentence_tasks.archive(self.glue, encoder, ["sst2"])
        self.similarity = Path(table(folder))
        self.dissociation = Path(dissociation(folder / "four", D))
        self.grid, self.fewshot = folder / "grid.jsonnet", folder / "fewshot.jsonnet"
        grid = grids.grid(encoder, data, ["pos", "sst2"], restarts=1, embeddings={"examples": 4})
        self.grid.write_text(json.dumps(grid))
        starts = {"one": {"transformer_model": encoder}}
        few = experiments.tagging(encoder, data, starts) | {"examples": [2]}
        self.fewshot.write_text(json.dumps(few))


def heads(monkeypatch: pytest.MonkeyPatch, *words: Any) -> Said:
    """
    The console script, in this process. An exception that it has no words for passes: the user
    would see a traceback.
    """
    err = StringIO()
    with (
        monkeypatch.context() as patched,
        redirect_stdout(StringIO()),
        redirect_stderr(err),
        signals_raise(),
    ):
        patched.setattr(sys, "argv", ["allennlp-heads", *map(str, words)])
        try:
            status = allennlp_heads_cli.main()
        except SystemExit as ended:
            status = int(ended.code or 0)
    lines = [line for line in err.getvalue().splitlines() if line.startswith("allennlp-heads: ")]
    return Said(status, lines)
