"""The shipped configurations, and how tests make one small: a tiny encoder and a few sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from allennlp.common import Params

import tests.tiny as tiny

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = sorted(
    str(path.relative_to(ROOT)) for path in (ROOT / "training_configs").rglob("*.jsonnet")
)
_DIMENSIONS = ("input_dim", "embedding_dim")


def small(config: str, encoder: str) -> Params:
    """
    A shipped configuration with `encoder` instead of its own, one update and few sentences.
    """
    settings = Params.from_file(str(ROOT / config)).as_dict(quiet=True)
    settings["model"] = _replaced(settings["model"], encoder)
    settings["dataset_reader"] = _replaced(settings["dataset_reader"], encoder)
    settings["trainer"]["num_epochs"] = 1
    if settings["dataset_reader"]["type"] == "multitask_heads":
        tasks = len(settings["dataset_reader"]["readers"])
        settings["data_loader"] |= {"max_instances": 4, "batches_per_epoch": tasks}
        settings["validation_data_loader"]["max_instances"] = 4
    else:
        # Enough for every tag of the development data: other models do not know unseen labels.
        settings["dataset_reader"]["max_instances"] = 40
        settings["data_loader"]["batch_size"] = 40
    return Params(settings)


def _replaced(value: Any, encoder: str, key: str = "") -> Any:
    if key == "transformer_model":
        return encoder
    if key in _DIMENSIONS:
        return tiny.HIDDEN
    if isinstance(value, dict):
        return {name: _replaced(below, encoder, name) for name, below in value.items()}
    if isinstance(value, list):
        return [_replaced(below, encoder) for below in value]
    return value
