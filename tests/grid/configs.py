"""Grids of tiny trainings, and what they leave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from allennlp.common import Params

from tests.training import configs
from tests.training.pieces import copied

Config = dict[str, Any]


def training(encoder: str, data: Path, epochs: int = 1) -> Config:
    """Two tasks with gates, with everything that a resumed run needs to be the same."""
    config = copied(configs.multitask(encoder, data))
    config["trainer"] |= {
        "num_epochs": epochs,
        "checkpointer": {"type": "atomic", "save_every_num_batches": 3},
        "callbacks": [{"type": "gate_report", "gif": False}, "example_scores", "exact_resume"],
    }
    return config


def few(encoder: str, data: Path) -> Config:
    """One epoch of few examples."""
    config = training(encoder, data)
    for loader in ("data_loader", "validation_data_loader"):
        config[loader]["max_instances"] = 4
    return config


def after(config: Config, source: str) -> Config:
    """The same, its encoder that of the run `source`."""
    weights = {"type": "pretrained", "weights_file_path": f"@{source}/model.tar.gz"}
    model = {**config["model"], "initializer": {"regexes": [["backbone", weights]]}}
    return {**config, "model": model}


def written(grid: Config, folder: Path) -> str:
    """As a file."""
    file = folder / "grid.jsonnet"
    file.write_text(json.dumps(grid))
    return str(file)


def summary(out: Path) -> Config:
    """The runs in `grid.json`."""
    runs: Config = json.loads((out / "grid.json").read_text())["runs"]
    return runs


def config_of(folder: Path) -> Config:
    """What a run was trained with."""
    found: Config = Params.from_file(folder / "config.json").as_dict(quiet=True)
    return found
