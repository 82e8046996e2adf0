"""How Optuna chooses values and ends trials: the file that `allennlp-optuna` has for that."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.search.jsonnet import read_jsonnet
from allennlp_heads.search.library import import_optuna

_ONE_SEQUENCE = ("QMCSampler", "GridSampler", "BruteForceSampler")
"""Samplers that go through a sequence, which has one seed."""


@dataclass(frozen=True)
class OptunaOptions:
    """
    # Parameters

    sampler, pruner : `Dict[str, Any]`, optional
        `{"type": ..., "attributes": {...}}`, the type a class of `optuna.samplers` or
        `optuna.pruners`.
    seed : `int`, optional (default = `0`)
    """

    sampler: dict[str, Any] | None = None
    pruner: dict[str, Any] | None = None
    seed: int = 0

    def sampler_of(self, number: int) -> Any:
        """
        The sampler of one trial. It depends on the number and on what earlier trials gave, so that
        a search that was killed goes on with the values that it would have tried.
        """
        optuna = import_optuna()
        said = self.sampler or {"type": "TPESampler"}
        kind, attributes = said["type"], dict(said.get("attributes") or {})
        made = getattr(optuna.samplers, kind)
        if "seed" in inspect.signature(made).parameters:
            attributes.setdefault("seed", self.seed)
            if kind not in _ONE_SEQUENCE:
                attributes["seed"] += number
        return made(**attributes)

    def pruner_of_all(self) -> Any:
        """The pruner; one that never prunes where none was asked for."""
        optuna = import_optuna()
        said = self.pruner or {"type": "NopPruner"}
        return getattr(optuna.pruners, said["type"])(**(said.get("attributes") or {}))

    def as_dict(self) -> dict[str, Any]:
        """As the file has it, with the seed."""
        return {"sampler": self.sampler, "pruner": self.pruner, "seed": self.seed}


def read_options(path: str | None, seed: int, objectives: int) -> OptunaOptions:
    """
    # Parameters

    path : `str`, optional
        JSON or Jsonnet with `sampler` and `pruner`, both optional.
    seed : `int`
    objectives : `int`
        How many numbers are searched by.

    Raises `ConfigurationError` for what Optuna does not have or take, and for a pruner with several
    objectives, which Optuna refuses.
    """
    said: Any = {}
    if path is not None:
        if not Path(path).is_file():
            raise ConfigurationError(f"there is no file {path}: give one, or leave out the option")
        said = read_jsonnet(path)
        if not isinstance(said, dict) or not said.keys() <= {"sampler", "pruner"}:
            raise ConfigurationError(f"{path} must be an object with sampler, pruner or both")
    options = OptunaOptions(said.get("sampler"), said.get("pruner"), seed)
    optuna = import_optuna()
    _made(f"{path}: sampler", said.get("sampler"), optuna.samplers, lambda: options.sampler_of(0))
    _made(f"{path}: pruner", said.get("pruner"), optuna.pruners, options.pruner_of_all)
    if options.pruner is not None and objectives > 1:
        raise ConfigurationError(
            f"{path}: pruner: Optuna prunes by one number only, but there are {objectives} "
            "metrics: leave out the pruner, or give one metric"
        )
    return options


def _made(place: str, said: Any, module: Any, make: Callable[[], Any]) -> None:
    if said is None:
        return
    there = sorted(name for name in module.__all__ if name[0].isupper() and "Base" not in name)
    if not isinstance(said, dict) or said.get("type") not in there:
        raise ConfigurationError(f"{place} needs a type, one of {', '.join(there)}")
    if said.keys() - {"type", "attributes"}:
        raise ConfigurationError(f"{place} has type and attributes, and nothing else")
    try:
        make()
    except ImportError as error:
        raise ConfigurationError(f"{place} {said['type']}: {error}") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{place}.attributes: {error}") from error
