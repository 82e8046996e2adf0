"""The files `comparison.*`: runs as settings, their scores, differences and budgets."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any

from allennlp_heads.reports.comparing.alike import DATA
from allennlp_heads.reports.comparing.encoders import encoder_of_run
from allennlp_heads.reports.comparing.picture import comparison_figure
from allennlp_heads.reports.comparing.results import TaskTable
from allennlp_heads.reports.comparing.runs import ScoredRun
from allennlp_heads.reports.comparing.settings import Setting
from allennlp_heads.reports.comparing.tables import csv_table, latex_tables, markdown_tables
from allennlp_heads.reports.draft import drafted
from allennlp_heads.reports.figures import save_figure
from allennlp_heads.reports.files import atomic_write, write_report

SCHEMA, VERSION = "comparison", 1


def write_comparison(
    folder: str | os.PathLike[str],
    tables: Sequence[TaskTable],
    settings: Sequence[Setting],
    notes: Sequence[str],
    about: Mapping[str, Any],
    seed: int,
) -> list[str]:
    """
    Write `comparison.{json,md,csv,tex,png,svg}`, all together or none. Equal comparisons give equal
    bytes.

    # Parameters

    folder : `PathLike`
    tables : `Sequence[TaskTable]`
    settings : `Sequence[Setting]`
    notes : `Sequence[str]`
        See `notes_of`.
    about : `Mapping[str, Any]`
        Further keys of the JSON: what was asked for.
    seed : `int`
        Of the tests.

    # Returns

    `List[str]`
        The names of the files.

    Raises `ConfigurationError` when the folder cannot be written.
    """
    texts = {
        "md": markdown_tables(tables, settings, notes),
        "csv": csv_table(tables),
        "tex": latex_tables(tables, settings, notes),
    }
    with drafted(folder, SCHEMA, VERSION) as draft:
        for kind, text in texts.items():
            with atomic_write(draft / f"{SCHEMA}.{kind}") as file:
                file.write(text.encode())
        save_figure(comparison_figure(tables), draft / SCHEMA)
        names = sorted([f"{SCHEMA}.json", *(path.name for path in draft.iterdir())])
        content = {
            **about,
            "notes": notes,
            "settings": {setting.name: _about(setting) for setting in settings},
            "tasks": {table.task: _table(table) for table in tables},
            "files": names,
        }
        write_report(draft / f"{SCHEMA}.json", SCHEMA, VERSION, content, seed)
    return names


def _about(setting: Setting) -> dict[str, Any]:
    return {
        "tasks": setting.tasks,
        "differs": setting.differs,
        "runs": [
            {
                "folder": run.folder,
                "seed": run.seed,
                "encoder": encoder_of_run(run),
                "data": {task: _data(run, task) for task in run.tasks},
                "trained": run.trained,
            }
            for run in setting.runs
        ],
    }


def _data(run: ScoredRun, task: str) -> dict[str, Any]:
    """By use, the path of a task's file and its digest."""
    found = {}
    for key in DATA:
        paths = run.config.get(key)
        path = paths.get(task) if isinstance(paths, Mapping) else paths
        use = key.removesuffix("_data_path")
        found[use] = path and {"path": path, "digest": run.data_files.get(path)}
    scores = run.scores.get(task)
    found["scored"] = scores and {"path": scores.path, "digest": scores.digest}
    return found


def _table(table: TaskTable) -> dict[str, Any]:
    cells = {cell.setting: _cell(cell) for cell in table.cells}
    return {**_without(dataclasses.asdict(table), "task", "cells"), "settings": cells}


def _cell(cell: Any) -> dict[str, Any]:
    budget = None if cell.budget is None else cell.budget._asdict()
    return {**_without(dataclasses.asdict(cell), "setting"), "budget": budget}


def _without(content: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key not in keys}
