"""What a search is told, and what it has come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allennlp_heads.search.objectives import Objective
from allennlp_heads.search.optuna_options import OptunaOptions
from allennlp_heads.search.space import Space


@dataclass(frozen=True)
class SearchOptions:
    """
    # Parameters

    config_file : `str`
        Jsonnet of `allennlp train` that reads hyper-parameters with `std.extVar`.
    space_file : `str`
    options_file : `str`, optional (default = `None`)
        Of sampler and pruner.
    metrics, directions : `Sequence[str]`, optional (default = `None`)
        See `chosen_objectives`.
    trials : `int`, optional (default = `50`)
        In all, with those of earlier commands and those that failed.
    timeout : `float`, optional (default = `None`)
        Seconds after which no further trial begins.
    retries : `int`, optional (default = `1`)
        How often a trial is begun again that was killed or has failed.
    seed : `int`, optional (default = `0`)
        Of the sampler.
    packages : `Sequence[str]`, optional (default = `()`)
    machine_has_gpus : `bool`, optional (default = `False`)
    """

    config_file: str
    space_file: str
    options_file: str | None = None
    metrics: Sequence[str] | None = None
    directions: Sequence[str] | None = None
    trials: int = 50
    timeout: float | None = None
    retries: int = 1
    seed: int = 0
    packages: Sequence[str] = ()
    machine_has_gpus: bool = False


@dataclass(frozen=True)
class Searched:
    """
    What a search has come to.

    # Parameters

    study : `optuna.Study`
    space : `Space`
    objectives : `List[Objective]`
    options : `OptunaOptions`
    config_file : `str`
    out : `Path`
    """

    study: Any
    space: Space
    objectives: list[Objective]
    options: OptunaOptions
    config_file: str
    out: Path
