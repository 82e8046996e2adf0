"""Which heads important-head training let each task train: `important_head_training.json`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.files import read_report, write_report

NAME, VERSION = "important_head_training", 1


def write_important_heads(
    folder: str | os.PathLike[str],
    about: Mapping[str, Any],
    exists: numpy.ndarray,
    choices: list[dict[str, Any]],
    seed: int | None = None,
) -> None:
    """
    Write `important_head_training.json`. The same arguments give the same bytes.

    # Parameters

    folder : `PathLike`
    about : `Mapping[str, Any]`
        Further keys: what was configured and where the phase begins.
    exists : `numpy.ndarray`
        `[layers, heads]`, `bool`: which cells of the masks stand for a head.
    choices : `List[Dict[str, Any]]`
        For each time that masks were made: `update`, how many updates came before; `examples`, how
        many of each task were looked at; `masks`, for each task `[layers, heads]`, `bool`; and
        `importance`, for each task `[layers, heads]`.
    seed : `int`, optional (default = `None`)
    """
    content = {
        **about,
        "layers": exists.shape[0],
        "heads": exists.sum(axis=1),
        "exists": exists.astype(int),
        "choices": [_counted(choice, exists) for choice in choices],
    }
    write_report(Path(folder) / f"{NAME}.json", NAME, VERSION, content, seed=seed)


def _counted(choice: dict[str, Any], exists: numpy.ndarray) -> dict[str, Any]:
    masks = {task: numpy.asarray(mask, dtype=bool) for task, mask in choice["masks"].items()}
    together = numpy.stack(list(masks.values()))
    return {
        **choice,
        "masks": {task: mask.astype(int) for task, mask in masks.items()},
        "heads_of_task": {task: int(mask.sum()) for task, mask in masks.items()},
        "heads_of_all_tasks": int(together.all(axis=0).sum()),
        "heads_of_no_task": int((exists & ~together.any(axis=0)).sum()),
    }


def read_important_heads(
    folder: str | os.PathLike[str],
) -> tuple[dict[str, numpy.ndarray], numpy.ndarray]:
    """
    The masks at the end of the training from `important_head_training.json` in `folder`: for each
    task `[layers, heads]`, `bool`, and which cells stand for a head. Raises `ConfigurationError`
    when the file cannot be read or no masks were made.
    """
    path = Path(folder) / f"{NAME}.json"
    report = read_report(path, NAME, VERSION)
    if not report["choices"]:
        raise ConfigurationError(f"{path} has no masks: the training has not come to its phase")
    masks = report["choices"][-1]["masks"]
    exists = numpy.array(report["exists"], dtype=bool)
    return {task: numpy.array(mask, dtype=bool) for task, mask in masks.items()}, exists


def write_pictures(folder: str | os.PathLike[str]) -> None:
    """
    Draw what is written in `folder`: `important_head_training.<task>.png` and `.svg`, black where
    the task trains a head, and `important_head_training.png` and `.svg`, by how many tasks do.
    """
    from allennlp_heads.reports.figures import head_map, save_figure

    masks, exists = read_important_heads(folder)
    stem = Path(folder) / NAME
    for task, mask in masks.items():
        title = f"Heads that {task} trains: {mask.sum()} of {exists.sum()}"
        figure = head_map(mask, title, exists, "1 = trained")
        name = re.sub(r"[^\w-]+", "_", task)
        save_figure(figure, stem.with_name(f"{NAME}.{name}"))
    share = numpy.mean(list(masks.values()), axis=0)
    title = (
        f"Heads by how many of {len(masks)} tasks train them: {(share == 1).sum()} of "
        f"{exists.sum()} by all, {(exists & (share == 0)).sum()} by none"
    )
    figure = head_map(share, title, exists, "share of the tasks")
    save_figure(figure, stem)
