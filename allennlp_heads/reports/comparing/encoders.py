"""Which encoder a run trained, and how many heads it has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import AutoConfig

from allennlp_heads.attention.pretrained import carried_folder, locate
from allennlp_heads.reports.comparing.runs import ScoredRun


def encoder_of_run(run: ScoredRun) -> dict[str, Any] | None:
    """
    # Returns

    `Dict[str, Any]`, or `None` for a model that names no encoder
        `name`, `layers` and `heads` (of a layer); the numbers are those of the files that the run
        kept or of those in place, `None` where there are none. Nothing is downloaded.
    """
    name = named_encoder(run.config.get("model"))
    if name is None:
        return None
    layers, heads = _size(name, run.folder)
    return {"name": name, "layers": layers, "heads": heads}


def named_encoder(value: Any) -> str | None:
    """The first `transformer_model` in a part of a configuration, at any depth."""
    if isinstance(value, Mapping):
        name = value.get("transformer_model")
        if isinstance(name, str):
            return name
        value = list(value.values())
    if isinstance(value, list):
        return next(filter(None, map(named_encoder, value)), None)
    return None


def _size(name: str, folder: str) -> tuple[int | None, int | None]:
    try:
        place = carried_folder(name, folder) or Path(locate(name))
        if not (place / "config.json").is_file():
            return None, None
        config = AutoConfig.from_pretrained(str(place), trust_remote_code=False)
    except (OSError, ValueError):
        return None, None
    layers = getattr(config, "num_hidden_layers", None)
    return layers, getattr(config, "num_attention_heads", None)
