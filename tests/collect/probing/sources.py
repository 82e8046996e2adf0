"""Configurations of probes on the fixtures, and a trained model for them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from tests.pruning import archives

Config = dict[str, Any]

READERS: Config = {
    "pos": {"type": "conllu", "view": "upos"},
    "dep": {"type": "conllu", "view": "dependency"},
}
QUICK: Config = {"draws": 10, "random_weights": 0, "batch_size": 7}


def static(encoder: str, data: Path, **changes: Any) -> Config:
    """A bare encoder, two tasks, three files."""
    paths = {part: str(data / f"ewt/{part}.conllu") for part in ("train", "dev", "test")}
    config = {
        "transformer_model": encoder,
        "dataset_reader": {"type": "multitask_heads", "readers": copy.deepcopy(READERS)},
        "train_data_path": paths["train"],
        "validation_data_path": {"pos": paths["dev"], "dep": paths["dev"]},
        "test_data_path": {"dep": paths["test"]},
        "probes": {**QUICK, "sentences": 12},
        "random_seed": 5,
    }
    config = {**config, **changes}
    return {key: value for key, value in config.items() if value is not None}


def written(config: Config, folder: Path) -> Path:
    """The configuration as a file."""
    path = folder / "probe.jsonnet"
    path.write_text(json.dumps(config), "utf-8")
    return path


def archive(encoder: str, data: Path, folder: Path, **changes: Any) -> Path:
    """A trained model of both tasks that read a part of its two files; the archive's path."""
    config = archives.multitask(encoder, {"type": "open"}, ["pos", "dep"])
    config |= {
        "pytorch_seed": 6,
        "train_data_path": str(data / "ewt/train.conllu"),
        "validation_data_path": str(data / "ewt/dev.conllu"),
        "data_loader": {"type": "multitask_bucketed", "max_instances": 20},
        "validation_data_loader": {"type": "multitask_bucketed", "max_instances": {"dep": 9}},
        **changes,
    }
    return archives.write(folder / "run", config)
