"""Configurations of tiny runs that one process and several train alike."""

from __future__ import annotations

from pathlib import Path

from tests.training import configs
from tests.training.configs import Config


def balanced(encoder: str, data: Path) -> Config:
    """Everything that mixes and weighs tasks; 7 batches an epoch, so that one is left over."""
    config = _together(configs.mixing(encoder, data), epochs=2)
    config["data_loader"].update({"batches_per_epoch": 7, "similar_batches": 2})
    config["trainer"]["moving_average"] = {"type": "exponential", "decay": 0.5}
    return config


def per_task(encoder: str, data: Path) -> Config:
    """Gates of each task, a penalty on all heads' weights; of 9 batches the last is left over."""
    config = _together(configs.multitask(encoder, data), epochs=2)
    config["data_loader"]["batches_per_epoch"] = 9
    config["model"]["backbone"]["gates"] = {
        "type": "per_task",
        "tasks": ["pos", "dep"],
        "gates": {"type": "hard_concrete", "coefficient": 0.05},
        "overlap": 0.01,
    }
    config["model"]["regularizer"] = {"regexes": [["^heads", {"type": "l2", "alpha": 0.01}]]}
    config["trainer"].update({"num_gradient_accumulation_steps": 2, "patience": 1})
    return config


def phased(encoder: str, data: Path) -> Config:
    """Tasks in turn, with resets of heads and optimizer within the epochs."""
    config = _together(configs.phased(encoder, data), configs.EPOCHS)
    config["trainer"]["moving_average"] = {"type": "exponential", "decay": 0.5}
    config["trainer"]["callbacks"].insert(1, "phases")
    return config


def _together(config: Config, epochs: int) -> Config:
    config["model"]["type"] = "test_double"
    config["model"].pop("autocast", None)
    if "epochs" in config["data_loader"].get("sampler", {}):
        config["data_loader"]["sampler"]["epochs"] = epochs
    config["trainer"].update(
        {
            "num_epochs": epochs,
            "num_gradient_accumulation_steps": 1,
            "checkpointer": "atomic",
            "callbacks": ["workers", "example_scores", "exact_resume"],
        }
    )
    return config
