"""Whether two runs repeat each other: their configurations without what makes no setting."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any

from allennlp_heads.reports.comparing.runs import ScoredRun

_SEEDS = ("random_seed", "numpy_seed", "pytorch_seed", "seed")

_WITHOUT_EFFECT = (
    "evaluate_on_test",
    "evaluation",
    "include_in_archive",
    "test_data_path",
    "validation_data_loader",
)
"""Keys of a configuration that change no weights; which examples are scored is checked apart."""

_WITHOUT_EFFECT_ON_TRAINER = ("checkpointer", "cuda_device")

_WATCHING = frozenset(
    {
        "console_logger",
        "exact_resume",
        "example_scores",
        "gate_report",
        "head_dissociation",
        "head_importance",
        "head_probe",
        "task_embedding",
        "tensorboard",
        "wandb",
    }
)
"""Callbacks that look at a training and leave it as it is."""

_DATA = ("train_data_path", "validation_data_path")


def fingerprint(run: ScoredRun) -> str:
    """
    Of all that makes a run's setting: equal for runs that differ in their seeds, in where their
    data and files lie, and in what watches them only. Data files count by their content as far as
    their digests are known. In other paths the run's seed as a number of its own counts as a seed
    too, so that runs which go on from `first.13/best.th` and `first.14/best.th` are alike.
    """
    config = {key: value for key, value in run.config.items() if key not in _WITHOUT_EFFECT}
    for key in _DATA:
        config[key] = _by_content(config.get(key), run.data_files)
    trainer = dict(config.get("trainer") or {})
    for key in _WITHOUT_EFFECT_ON_TRAINER:
        trainer.pop(key, None)
    trainer["callbacks"] = [
        callback for callback in trainer.get("callbacks") or () if _kind(callback) not in _WATCHING
    ]
    config["trainer"] = trainer
    return json.dumps(_without_seeds(config, run.seed), sort_keys=True)


def without_seed(name: str, seed: int) -> str:
    """A folder's name without the seed that it ends with, as `pos` of `pos.13` or `pos_seed13`."""
    return re.sub(rf"[._-]*(?:seed)?[._-]*(?<!\d){seed}$", "", name) or name


def _by_content(path: Any, digests: Mapping[str, str | None]) -> Any:
    if isinstance(path, Mapping):
        return {task: _by_content(value, digests) for task, value in path.items()}
    if isinstance(path, str) and digests.get(path):
        return f"{digests[path]}#{path.rpartition('#')[2] if '#' in path else ''}"
    return path


def _kind(callback: Any) -> Any:
    return callback.get("type") if isinstance(callback, Mapping) else callback


def _without_seeds(value: Any, seed: int) -> Any:
    if isinstance(value, Mapping):
        return {
            key: _without_seeds(inner, seed) for key, inner in value.items() if key not in _SEEDS
        }
    if isinstance(value, list):
        return [_without_seeds(inner, seed) for inner in value]
    if isinstance(value, str) and (os.sep in value or "/" in value):
        return re.sub(rf"(?<!\d){seed}(?!\d)", "SEED", value)
    return value
