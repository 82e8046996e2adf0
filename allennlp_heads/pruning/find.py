"""The place of the one gated encoder in a model's configuration."""

from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.modules.find_encoder import NAME, check_one

Config = dict[str, Any]


def find_block(config: Config) -> Config:
    """
    The part of a model's configuration that describes the encoder. Raises `ConfigurationError`
    unless there is exactly one.
    """
    blocks = [block for block in _dictionaries(config) if block.get("type") == NAME]
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
    check_one(len(blocks))
    return blocks[0]


def _dictionaries(value: Any) -> list[Config]:
    if isinstance(value, list):
        return [found for item in value for found in _dictionaries(item)]
    if not isinstance(value, dict):
        return []
    return [value, *(found for item in value.values() for found in _dictionaries(item))]
