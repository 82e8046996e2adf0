"""Every callback that writes, alone in a tiny training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.training import configs

Config = dict[str, Any]

_FEW = {"examples": 4}

CALLBACKS: dict[str, Config] = {
    "gate_report": {"gif": False},
    "sparsity_target": {"target": 0.3},
    "head_importance": {"importance": {**_FEW, "draws": 5}},
    "head_dissociation": {"draws": 1, "rounds": 5, **_FEW},
    "head_probe": {"probe": {"draws": 5, "random_weights": 0}, "tasks": ["pos"]},
    "task_embedding": {"embedding": _FEW},
    "important_head_training": {"start": 0.5, **_FEW},
    "example_scores": {},
    "phases": {},
    "remove_heads": {"keep": 0.5},
}
"""Name -> its options."""

SILENT = {"exact_resume", "workers", "optuna_pruner"}
"""Callbacks that write nothing."""


def training(encoder: str, data: Path, *names: str) -> Config:
    """Two epochs of a few sentences."""
    phased = "phases" in names
    config = (configs.phased if phased else configs.multitask)(encoder, data)
    config["validation_data_loader"]["max_instances"] = 6
    if phased:
        config["data_loader"]["max_instances"] = {"pos": 20, "dep": 35}
    else:
        config["data_loader"]["max_instances"] = 10
        config["trainer"]["num_epochs"] = 2
    config["trainer"] |= {
        "checkpointer": "atomic",
        "callbacks": [*({"type": name, **CALLBACKS[name]} for name in names), "exact_resume"],
    }
    return config
