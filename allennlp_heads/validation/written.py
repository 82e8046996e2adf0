"""A configuration as it is written, and what reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.common.params import parse_overrides

Config = dict[str, Any]

TRAIN, TRANSFER, FEWSHOT, PROBE, GRID = "train", "transfer", "fewshot", "probe", "grid"


@dataclass(frozen=True)
class Written:
    """
    # Parameters

    name : `str`
        The file.
    config : `Dict[str, Any]`
        Jsonnet evaluated, with overrides.
    """

    name: str
    config: Config

    @classmethod
    def read(cls, file: str, overrides: str = "") -> Written:
        """
        Raises `ConfigurationError` for a file that is missing, cannot be evaluated or holds no
        object, and for overrides that fit nothing.
        """
        if Path(file).is_dir():
            raise ConfigurationError(f"{file} is a folder: give the configuration in it")
        if not Path(file).is_file():
            raise ConfigurationError(f"there is no configuration {file}")
        try:
            changes = parse_overrides(overrides)
        except RuntimeError as error:
            raise ConfigurationError(f"--overrides is no JSON: {str(error).strip()}") from error
        if not isinstance(changes, dict):
            raise ConfigurationError(f"--overrides is no object of settings: {overrides}")
        try:
            config = Params.from_file(file, overrides).as_dict(quiet=True)
        except RuntimeError as error:  # of Jsonnet, with file and line
            raise ConfigurationError(_not_evaluated(file, str(error))) from error
        except (AttributeError, TypeError, ValueError) as error:
            told = f"{file}: it holds no object of settings"
            if "overrides" in str(error):
                told = f"--overrides do not fit {file}: {error}"
            raise ConfigurationError(told) from error
        if not isinstance(config, dict):
            raise ConfigurationError(f"{file}: it holds no object of settings")
        return cls(file, config)

    @property
    def verb(self) -> str:
        """
        What reads it: `"train"`, or one of the verbs `"transfer"`, `"fewshot"`, `"probe"` and
        `"grid"`.
        """
        keys = set(self.config)
        if "runs" in keys and "model" not in keys:
            return GRID
        if "starts" in keys:
            return FEWSHOT
        if "tasks" in keys and "model" not in keys:
            return TRANSFER
        if keys & {"probes", "transformer_model", "archive"} and "model" not in keys:
            return PROBE
        return TRAIN


def walk(value: Any, key: str = "") -> Iterator[tuple[str, str, Any]]:
    """All values in a configuration, with their dotted keys and the last part of these."""
    items: Iterator[tuple[Any, Any]] = iter(())
    if isinstance(value, dict):
        items = iter(value.items())
    elif isinstance(value, list):
        items = enumerate(value)
    for name, below in items:
        inside = f"{key}.{name}" if key else str(name)
        yield inside, str(name), below
        yield from walk(below, inside)


def is_data_path(key: str) -> bool:
    """Whether a dotted key is that of a data path, of all tasks or of one."""
    return any(part.endswith("_data_path") for part in key.split(".")[-2:])


def type_of(value: Any) -> str | None:
    """The registered name that a component's configuration gives, where it gives one."""
    if isinstance(value, str):
        return value
    return value.get("type") if isinstance(value, dict) else None


def shown(value: Any) -> str:
    """A value as the configuration has it."""
    return json.dumps(value, ensure_ascii=False)


def _not_evaluated(file: str, error: str) -> str:
    variable = re.search(r"undefined external variable: (\w+)", error)
    if variable is not None:
        return (
            f"{file} needs the environment variable {variable[1]}: give it in front of the "
            f"command, as {variable[1]}=... (or it is searched for: 'allennlp heads search' checks)"
        )
    # what follows the first line is where Jsonnet was, function by function; the file's own is last
    told, *stack = error.strip().splitlines()
    own = [line.split()[0] for line in stack if line.split() and file in line.split()[0]]
    place = f" ({own[-1]})" if own else ""
    return f"{file} cannot be evaluated: {told}{place}"
