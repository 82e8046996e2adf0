"""One stage of the experiment: fine-tune and embed, or write what is there as records."""

from __future__ import annotations

import logging
from pathlib import Path

from allennlp_heads.reports.files import read_report
from allennlp_heads.transfer.store import GRID
from docs.runs import console
from docs.runs.budget import configuration
from docs.transfer.content import embeddings_content, matrix_content
from docs.transfer.plan import MAIN, SETTINGS, Stage, TransferBudget, grid_of
from docs.transfer.record import EMBEDDINGS, MATRIX, write_record

logger = logging.getLogger("runs")


def fine_tune(
    stage: Stage, budget: TransferBudget, out: Path, jobs: int, cells: list[str] | None
) -> None:
    """
    Do what is missing of a stage, so many processes at a time. Raises `Failed` when the command
    fails, which can be given again.

    # Parameters

    stage : `Stage`
    budget : `TransferBudget`
    out : `Path`
    jobs : `int`
    cells : `List[str]`, optional
        Patterns of the only cells to do in the main stage.
    """
    folder = out / stage.name
    grid = out / f"{stage.name}.jsonnet"
    out.mkdir(parents=True, exist_ok=True)
    grid.write_text(grid_of(stage, budget), "utf-8")
    patterns = cells if stage.name == MAIN and cells else stage.patterns
    only = ["--only", *patterns] if patterns else []
    words = ["heads", "transfer", str(grid), "-s", str(folder), "--jobs", str(jobs), *only]
    console.heads(words, folder, threads=1)


def write_records(budget: TransferBudget, out: Path, results: Path, hardware: str) -> None:
    """
    Write the records of all that is there, also where cells or embeddings are missing. A matrix
    that was recorded stays where none was measured in `out`, so that its embeddings can be made
    elsewhere. Raises `ConfigurationError` where there is neither, and `ValueError` where something
    is of another budget.
    """
    there = [setting for setting in SETTINGS if (out / setting / "embeddings").is_dir()]
    recorded = results / f"{MATRIX}.json"
    stays = recorded.is_file() and not (out / MAIN).is_dir()
    for setting in there if stays else dict.fromkeys([MAIN, *there]):
        _check_budget(budget, out / setting, setting)
    if stays:
        logger.warning("%s: nothing was measured in %s; the record stays", MATRIX, out / MAIN)
    else:
        write_record(recorded, matrix_content(out / MAIN, budget, hardware))
    for setting in SETTINGS:
        if setting in there:
            record = embeddings_content(out / setting, setting, budget)
            write_record(results / f"{setting}.{EMBEDDINGS}.json", record)
        else:
            logger.warning("%s: nothing was embedded", setting)


def _check_budget(budget: TransferBudget, folder: Path, setting: str) -> None:
    made = read_report(folder / "grid.json", *GRID)["grid"]
    asked = configuration(grid_of(Stage(setting), budget), with_tests=False)
    for key in ("encoder", "limited", "dev_examples", "recipes", "seed", "embeddings"):
        _require_equal(folder, key, made.get(key), asked.get(key))
    for task, wanted in asked["tasks"].items():  # there may be more from earlier commands
        _require_equal(folder, f"tasks.{task}", made["tasks"].get(task), wanted)


def _require_equal(folder: Path, key: str, made: object, asked: object) -> None:
    if made != asked:
        raise ValueError(
            f"{folder} was made with {key} {made}, not {asked}: give the options that it was made "
            "with, or another --out"
        )
