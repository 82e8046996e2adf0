"""A tiny training of a head of every kind, on a GPU."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.collect.models import configuration
from tests.training.configs import Config

PROBE: Config = {"draws": 5, "direction": "to_head", "sentences": 6, "batch_size": 3}
REPORTS: list[Any] = [
    {"type": "gate_report", "gif": False},
    "example_scores",
    {"type": "head_importance", "importance": {"examples": 4}},
    {"type": "head_probe", "probe": PROBE, "tasks": ["pos"]},
    {"type": "task_embedding", "embedding": {"examples": 4, "batch_size": 3}},
    {"type": "head_dissociation", "alpha": [0.25], "draws": 2, "examples": 3, "rounds": 5},
    "exact_resume",
]
"""Every callback that only looks."""


def every_head(encoder: str, fixtures: Path, callbacks: list[Any], **trainer: Any) -> Config:
    """One epoch of few examples, with learned gates unless a callback trains important heads."""
    important = any("important" in str(callback) for callback in callbacks)
    gates = {} if important else {"gates": {"type": "hard_concrete"}}
    config = configuration(encoder, fixtures, **gates)
    config["dataset_reader"]["readers"]["stsb"] = {
        **{
            key: config["dataset_reader"]["readers"]["sent"][key]
            for key in ("tokenizer", "token_indexers")
        },
        "type": "glue",
        "task": "stsb",
    }
    config["model"]["heads"]["stsb"] = {"type": "text_regressor"}
    config["train_data_path"]["stsb"] = str(fixtures / "glue/STS-B/train.tsv")
    config["data_loader"]["max_instances"] = 6
    config |= {
        "validation_data_path": {
            # other files: what chooses heads must not score them
            task: str(Path(path).with_name(Path(path).name.replace("train", "dev")))
            for task, path in config["train_data_path"].items()
        },
        "validation_data_loader": {**config["data_loader"], "shuffle": False},
        "datasets_for_vocab_creation": ["train"],
        "include_in_archive": ["encoder"],
        "trainer": {
            "num_epochs": 1,
            "validation_metric": "+score",
            "cuda_device": 0,
            "grad_norm": 1.0,
            "optimizer": {"type": "adamw_fused", "lr": 0.01},
            "checkpointer": "atomic",
            "callbacks": callbacks,
            **trainer,
        },
    }
    return config
