"""Whether two runs repeat each other: their configurations without what makes no setting."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from allennlp_heads.data.parts import split_part
from allennlp_heads.reports.comparing.runs import ScoredRun

DATA = ("train_data_path", "validation_data_path")

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
        "tensorboard",
        "wandb",
        "workers",
    }
)
"""Callbacks that look at a training and leave it as it is."""

_STARTS = ("archive_file", "weights_file_path")
"""Keys whose path is what another run left; `pretrained_file` of fixed gates is one, too."""


def fingerprint(run: ScoredRun) -> str:
    """
    Of all that makes a run's setting: equal for runs whose configurations differ in nothing but
    their seeds, callbacks that watch only, devices and checkpoints, and the places of data files
    whose digests are known and equal. Where a run goes on from another one's weights or gates, a
    folder of their path that ends in the run's seed counts as a seed too: `first.13/best.th` and
    `first.14/best.th` are alike, as `seed13/best.th` and `seed14/best.th` are.
    """
    data = {key: _by_content(run, run.config.get(key)) for key in DATA}
    return json.dumps({**comparable(run), **data}, sort_keys=True)


def comparable(run: ScoredRun) -> dict[str, Any]:
    """
    A run's configuration without its data paths and what makes no setting; its callbacks by their
    names. Several workers count as accumulated batches, which come to the same.
    """
    ignored = {*_WITHOUT_EFFECT, *DATA}
    config = {key: value for key, value in run.config.items() if key not in ignored}
    trainer = dict(config.get("trainer") or {})
    for key in _WITHOUT_EFFECT_ON_TRAINER:
        trainer.pop(key, None)
    callbacks: dict[str, list[Any]] = {}
    for callback in trainer.get("callbacks") or ():
        options = callback if isinstance(callback, Mapping) else {"type": callback}
        kind = str(options.get("type"))
        if kind not in _WATCHING:
            callbacks.setdefault(kind, []).append(options)
    config["trainer"] = {
        **trainer,
        "callbacks": callbacks,
        "num_gradient_accumulation_steps": _batches_of_update(
            config.pop("distributed", None), trainer
        ),
    }
    found: dict[str, Any] = _without_seeds(config, run.seed)
    return found


def _batches_of_update(distributed: Any, trainer: Mapping[str, Any]) -> int:
    block = distributed or {}
    workers = len(block.get("cuda_devices") or [None]) * (block.get("num_nodes") or 1)
    return int(workers * (trainer.get("num_gradient_accumulation_steps") or 1))


def content_of(run: ScoredRun, path: Any) -> str | None:
    """What tells the content of one of a run's data files, and which part of it; or `None`."""
    digest = run.data_files.get(path) if isinstance(path, str) else None
    return f"{digest}#{split_part(path)[1] or ''}" if digest else None


def without_seed(name: str, seed: int) -> str:
    """A folder's name without the seed that it ends with, as `pos` of `pos.13` or `pos_seed13`."""
    return _ending(seed).sub("", name) or name


def _ending(seed: int) -> re.Pattern[str]:
    """A seed that is a word of its own at the end of a name."""
    return re.compile(rf"(?:^|[._-]+)(?:seed[._-]*)?{seed}$")


def _by_content(run: ScoredRun, path: Any) -> Any:
    if isinstance(path, Mapping):
        return {task: _by_content(run, value) for task, value in path.items()}
    return content_of(run, path) or path


def _without_seeds(value: Any, seed: int) -> Any:
    if isinstance(value, list):
        return [_without_seeds(inner, seed) for inner in value]
    if not isinstance(value, Mapping):
        return value
    starts = (*_STARTS, "pretrained_file") if value.get("type") == "fixed" else _STARTS
    return {
        key: _start(inner, seed) if key in starts else _without_seeds(inner, seed)
        for key, inner in value.items()
        if key not in _SEEDS
    }


def _start(path: Any, seed: int) -> Any:
    if not isinstance(path, str):
        return path
    return "/".join(_ending(seed).sub(".SEED", part) for part in re.split(r"[/\\]", path))
