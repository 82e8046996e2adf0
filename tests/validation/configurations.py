"""A training without a mistake, small, and what is found where one thing in it is changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tests.tiny as tiny
from allennlp_heads.validation import Findings, Validation, validate
from tests.training_configs.shipped import evaluated

Config = dict[str, Any]

GATED = "experiment { tasks: ['pos', 'dep'], gates: gates.hard_concrete(0.01), training+: short }"
SENTENCES = 30
"""Read of each file: as many as it takes to have all labels of the development data."""


def training(encoder: str, text: str = GATED) -> Config:
    """A configuration of our library with a tiny encoder and few sentences."""
    config = with_encoder(evaluated(text), encoder)
    for regexes, options in config["trainer"]["optimizer"]["parameter_groups"]:
        if regexes == ["log_alpha"]:
            options["lr"] = 1.0  # so that few updates can close a head
    if config["dataset_reader"]["type"] != "multitask_heads":  # limits are the reader's there
        config["dataset_reader"]["max_instances"] = 3 * SENTENCES
        return config
    config["data_loader"]["max_instances"] = 3 * SENTENCES
    config["validation_data_loader"]["max_instances"] = SENTENCES
    return config


def with_encoder(value: Any, encoder: str, key: str = "") -> Any:
    """The same with a tiny encoder."""
    if key == "transformer_model":
        return value and encoder
    if key in ("input_dim", "embedding_dim"):
        return tiny.HIDDEN
    if isinstance(value, dict):
        return {name: with_encoder(below, encoder, name) for name, below in value.items()}
    if isinstance(value, list):
        return [with_encoder(below, encoder) for below in value]
    return value


def validated(config: Config, folder: Path, **options: Any) -> Validation:
    """What the verb finds in it."""
    file = folder / "config.json"
    file.write_text(json.dumps(config), "utf-8")
    return validate(str(file), **options)


def keys(findings: Findings) -> list[tuple[str, str]]:
    """Severity and key of each."""
    return [(finding.severity, finding.key) for finding in findings]


def put(config: Any, key: str, value: Any) -> None:
    """Set a value by its dotted key."""
    *parents, last = key.split(".")
    for parent in parents:
        config = config[int(parent)] if isinstance(config, list) else config[parent]
    if isinstance(config, list):
        config[int(last)] = value
    else:
        config[last] = value
