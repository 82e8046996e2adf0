"""The report of important-head training and its pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.important_heads import (
    read_important_heads,
    write_important_heads,
    write_pictures,
)

EXISTS = numpy.array([[True, True, True], [True, False, True]])
FIRST = numpy.array([[1, 1, 0], [0, 0, 0]], dtype=bool)
SECOND = numpy.array([[1, 0, 0], [0, 0, 1]], dtype=bool)


def write(folder: Path, masks: list[dict[str, numpy.ndarray]]) -> None:
    choices: list[dict[str, Any]] = [
        {
            "update": update,
            "examples": {"a": 4, "b": 5},
            "importance": {"a": torch.ones(2, 3)},
            "masks": {task: torch.from_numpy(mask) for task, mask in of_tasks.items()},
        }
        for update, of_tasks in enumerate(masks)
    ]
    write_important_heads(folder, {"alpha": 0.4}, EXISTS, choices, seed=3)


def test_what_is_counted(tmp_path: Path) -> None:
    write(tmp_path, [{"a": FIRST, "b": SECOND}])
    report = json.loads((tmp_path / "important_head_training.json").read_text())
    assert report["schema"] == {"name": "important_head_training", "version": 1}
    assert (report["layers"], report["heads"], report["seed"]) == (2, [3, 2], 3)
    [choice] = report["choices"]
    assert choice["heads_of_task"] == {"a": 2, "b": 2}
    assert (choice["heads_of_all_tasks"], choice["heads_of_no_task"]) == (1, 2)
    assert choice["masks"]["a"] == [[1, 1, 0], [0, 0, 0]]


def test_the_last_masks_are_read_back(tmp_path: Path) -> None:
    write(tmp_path, [{"a": FIRST, "b": FIRST}, {"a": FIRST, "b": SECOND}])
    masks, exists = read_important_heads(tmp_path)
    assert (masks["a"] == FIRST).all() and (masks["b"] == SECOND).all() and masks["b"].dtype == bool
    assert (exists == EXISTS).all()


def test_no_masks_yet(tmp_path: Path) -> None:
    write(tmp_path, [])
    with pytest.raises(ConfigurationError, match="has no masks"):
        read_important_heads(tmp_path)


def test_pictures(tmp_path: Path) -> None:
    write(tmp_path, [{"a": FIRST, "b.c": SECOND}])
    write_pictures(tmp_path)
    names = {
        f"important_head_training{task}.{kind}"
        for task in ("", ".a", ".b_c")
        for kind in ("png", "svg")
    }
    assert {path.name for path in tmp_path.iterdir()} == names | {"important_head_training.json"}
    first = {name: (tmp_path / name).read_bytes() for name in names}
    write_pictures(tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in names} == first
