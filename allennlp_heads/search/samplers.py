"""Whether a sampler can choose what is searched, and whether it has any values left."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.search.library import import_optuna
from allennlp_heads.search.options import Searched
from allennlp_heads.search.optuna_options import OptunaOptions
from allennlp_heads.search.space import Hyperparameter, Space

_GRID, _ALL = "GridSampler", "BruteForceSampler"


def check_sampler(path: str | None, options: OptunaOptions, space: Space, objectives: int) -> None:
    """
    # Parameters

    path : `str`, optional
        The file of the options.
    options : `OptunaOptions`
    space : `Space`
    objectives : `int`
        How many numbers are searched by.

    Raises `ConfigurationError` for a sampler that cannot choose values of these hyper-parameters:
    in a trial it would fail again and again, each time that the command is repeated.
    """
    if options.sampler is None:
        return
    kind, optuna = options.sampler["type"], import_optuna()
    if kind == _GRID:
        grid = options.sampler["attributes"]["search_space"]
        _check_grid(f"{path}: sampler.attributes.search_space", grid, space)
    study = optuna.create_study(directions=["minimize"] * objectives, sampler=options.sampler_of(0))
    try:
        space.suggest(study.ask())
    except (ImportError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"{path}: sampler {kind} cannot choose values of these hyper-parameters: {error}"
        ) from error


def exhausted(searched: Searched) -> bool:
    """
    Whether a sampler that goes through all values has begun with the last of them. Optuna itself
    ends only when the trials are over; until then others would be given the same values again.
    """
    kind = (searched.options.sampler or {}).get("type")
    trials = searched.study.get_trials(deepcopy=False) if kind in (_GRID, _ALL) else []
    if kind == _GRID:  # the place of a trial in the grid is its number
        grid = (searched.options.sampler or {})["attributes"]["search_space"]
        return len(trials) >= math.prod(len(values) for values in grid.values())
    if kind == _ALL:
        tried = {tuple(sorted(one.params.items())) for one in trials}
        return len(tried) >= _size(searched.space)
    return False


def _check_grid(place: str, grid: Mapping[str, Any], space: Space) -> None:
    for one in space.hyperparameters:
        values = grid.get(one.name)
        if not isinstance(values, list) or not values:
            raise ConfigurationError(
                f"{place} has no values of '{one.name}', which is searched: give a list of them"
            )
        for value in values:
            _check_value(place, one, value)
    more = sorted(grid.keys() - set(space.names))
    if more:
        raise ConfigurationError(
            f"{place} has '{more[0]}', which is not searched: take it out, or add it to the "
            "hyper-parameters"
        )


def _check_value(place: str, one: Hyperparameter, value: Any) -> None:
    try:
        Space([one]).suggest(import_optuna().trial.FixedTrial({one.name: value}))
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"{place}.{one.name}: {error}") from error


def _size(space: Space) -> int:
    """How many combinations of values there are, where these can be counted."""
    trial = import_optuna().trial.FixedTrial(space.first)
    space.suggest(trial)
    return math.prod(_count(distribution) for distribution in trial.distributions.values())


def _count(distribution: Any) -> int:
    if hasattr(distribution, "choices"):
        return len(distribution.choices)
    return round((distribution.high - distribution.low) / distribution.step) + 1
