"""One run: train it, keep what is small."""

from __future__ import annotations

from pathlib import Path

from docs.qa_nli_sa.content import content_of
from docs.qa_nli_sa.plan import QaBudget, Run, text_of
from docs.qa_nli_sa.record import write_record
from docs.runs.console import train

_LARGE = ("*.th", "model.tar.gz")


def do(run: Run, budget: QaBudget, out: Path, results: Path, hardware: str, threads: int) -> None:
    """
    Train (or go on with) a run and write its record into `results`. The weights are deleted then;
    logs, scores and reports stay in `out`.

    Raises `Failed` when the training fails, and `ValueError` where its scores are not complete.
    """
    folder = out / run.name
    resumed = train(text_of(run, budget), folder, threads)
    record = {**content_of(run, budget, folder), "hardware": hardware, "resumed": resumed}
    write_record(results / f"{run.name}.json", record)
    for pattern in _LARGE:
        for path in folder.rglob(pattern):
            path.unlink()
