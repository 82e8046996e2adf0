"""The one gated encoder of a model and its place in the configuration."""

from typing import Any

import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.modules import GatedEncoder

Config = dict[str, Any]
_NAME = "gated_transformer"


def find_encoder(model: torch.nn.Module) -> tuple[str, GatedEncoder]:
    """
    The encoder and its name in the model. Raises `ConfigurationError` unless there is exactly one.
    """
    found = [(name, m) for name, m in model.named_modules() if isinstance(m, GatedEncoder)]
    _check_one(len(found))
    return found[0]


def find_block(config: Config) -> Config:
    """
    The part of a model's configuration that describes the encoder. Raises `ConfigurationError`
    unless there is exactly one.
    """
    blocks = [block for block in _dictionaries(config) if block.get("type") == _NAME]
    others = [
        source
        for block in _dictionaries(config)
        for source in (block.get("archive_file"),)
        if source is not None
    ]
    if not blocks and others:
        raise ConfigurationError(
            f"this model takes its encoder from the archive {others[0]}, which it would open again "
            "unpruned: prune that archive, then train from it"
        )
    _check_one(len(blocks))
    return blocks[0]


def _check_one(count: int) -> None:
    if count == 0:
        raise ConfigurationError(
            f"this model has no '{_NAME}', so it has no gates and no heads that could be removed: "
            f"give its backbone or its token embedder the type '{_NAME}'"
        )
    if count > 1:
        raise ConfigurationError(
            f"this model has {count} encoders of type '{_NAME}', and only a model with one of them "
            "can be pruned"
        )


def _dictionaries(value: Any) -> list[Config]:
    if isinstance(value, list):
        return [found for item in value for found in _dictionaries(item)]
    if not isinstance(value, dict):
        return []
    return [value, *(found for item in value.values() for found in _dictionaries(item))]
