"""The configuration of a trial: that of the user, with values for its external variables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from allennlp_heads.search.jsonnet import said_by
from allennlp_heads.search.space import Space, Value

Config = dict[str, Any]

_NO_VALUE = "?"
_UNDEFINED = "undefined external variable"


def configured(config_file: str, values: Mapping[str, Value]) -> Config:
    """
    # Parameters

    config_file : `str`
        Jsonnet of `allennlp train`, which reads its hyper-parameters with `std.extVar`.
    values : `Dict[str, Value]`

    # Returns

    `Dict[str, Any]`

    Raises `ConfigurationError` with what Jsonnet says, in one line.
    """
    texts = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
    }
    try:
        config: Config = Params.from_file(config_file, ext_vars=texts).as_dict(quiet=True)
    except RuntimeError as error:
        said = said_by(error)
        if _UNDEFINED in said:
            said += ". Add it to the hyper-parameters, or set it in the environment"
        raise ConfigurationError(f"{config_file}: {said}") from error
    return config


def check_configuration(config_file: str, space: Space) -> Config:
    """
    # Returns

    `Dict[str, Any]`
        The configuration at the first value of everything.

    Raises `ConfigurationError` when there is no such file, it wants variables that the space has
    not, or does not read one that it has: what would be searched for in vain.
    """
    if not Path(config_file).is_file():
        raise ConfigurationError(f"there is no file {config_file}: give a configuration")
    first = space.first
    found = configured(config_file, first)
    for name in space.names:
        # an error wherever a number is parsed, and another text elsewhere
        if found == _or_none(config_file, {**first, name: _NO_VALUE}):
            raise ConfigurationError(
                f"{config_file} does not read '{name}', which is to be searched: write "
                f"std.parseJson(std.extVar('{name}')) where its value belongs"
            )
    return found


def _or_none(config_file: str, values: Mapping[str, Value]) -> Config | None:
    try:
        return configured(config_file, values)
    except ConfigurationError:
        return None


def first_difference(one: Config, other: Config) -> str | None:
    """The first key with another value, as `trainer.num_epochs`; `None` where all are alike."""
    flat = [Params(json.loads(json.dumps(config))).as_flat_dict() for config in (one, other)]
    for key in sorted({*flat[0], *flat[1]}):
        if key not in flat[0] or key not in flat[1] or flat[0][key] != flat[1][key]:
            return str(key)
    return None
