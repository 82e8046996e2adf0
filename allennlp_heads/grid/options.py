"""What the file of a grid says, as it stands there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from allennlp_heads.grid.executor import Needs
from allennlp_heads.grid.names import check_names

Config = dict[str, Any]

_SHARED = ("seeds", "resources", "environment")
"""Keys of a run that the grid may say for all."""
_OF_RUN = ("config", "overrides", "after", *_SHARED)
_OF_NEEDS = ("cpus", "gpus", "memory")
_SEEDS = 2**32  # NumPy takes no larger ones


@dataclass(frozen=True)
class Entry:
    """
    What stands under a name of `runs`.

    # Parameters

    name : `str`
    config : `Union[str, Dict[str, Any]]`
        A configuration of `allennlp train`, or the path of its file.
    overrides : `str`
        JSON, as `--overrides`.
    seeds : `Tuple[int, ...]`
        A run for each; without any one run, with the seeds of the configuration.
    after : `Tuple[str, ...]`
        Names of entries or runs.
    resources : `Dict[str, float]`
        `cpus`, `gpus`, `memory`, as far as said.
    environment : `Dict[str, str]`
    """

    name: str
    config: str | Config
    overrides: str
    seeds: tuple[int, ...]
    after: tuple[str, ...]
    resources: Mapping[str, float]
    environment: Mapping[str, str]

    @property
    def runs(self) -> dict[str, int | None]:
        """The names of its runs, each with its seed, if it is given one here."""
        return {f"{self.name}.{seed}": seed for seed in self.seeds} or {self.name: None}


def read_entries(config_file: str) -> dict[str, Entry]:
    """
    # Parameters

    config_file : `str`
        Jsonnet of an object with `runs`, and with `seeds`, `resources`, `environment` for all.

    # Returns

    `Dict[str, Entry]`
        By name.

    Raises `ConfigurationError` that names the key, and `RuntimeError` of the Jsonnet library.
    """
    document = as_object(config_file, Params.from_file(config_file).params)
    _known(config_file, document, ("runs", *_SHARED))
    runs = document.pop("runs", None)
    if not isinstance(runs, dict) or not runs:
        raise ConfigurationError(
            f"{config_file}: runs must be an object with a run under each name, as "
            "{ runs: { pos: { config: 'pos.jsonnet' } } }"
        )
    check_names(runs)
    entries = {name: _entry(f"runs.{name}", name, run, document) for name, run in runs.items()}
    check_names(run for entry in entries.values() for run in entry.runs)
    _check_once(entries)
    return entries


def needs_of(resources: Mapping[str, float], config: Config, machine_has_gpus: bool) -> Needs:
    """
    What a run occupies: what is said, otherwise what AllenNLP takes for its configuration, a core
    for each of its processes and the GPUs that it would use.

    # Parameters

    resources : `Mapping[str, float]`
    config : `Dict[str, Any]`
        Of the run.
    machine_has_gpus : `bool`
        AllenNLP takes one then where the configuration says nothing.
    """
    distributed, trainer = config.get("distributed") or {}, config.get("trainer") or {}
    devices = distributed.get("cuda_devices") or [trainer.get("cuda_device")]
    default = 0 if machine_has_gpus else -1
    taken = [one if isinstance(one, int) else default for one in devices]
    return Needs(
        int(resources.get("cpus", len(devices))),
        int(resources.get("gpus", sum(one >= 0 for one in taken))),
        float(resources.get("memory", 0.0)),
    )


def _entry(place: str, name: str, run: Any, shared: Mapping[str, Any]) -> Entry:
    run = as_object(place, run)
    _known(place, run, _OF_RUN)
    if not isinstance(run.get("config"), (str, dict)):
        raise ConfigurationError(
            f"{place}.config must be a configuration of 'allennlp train' or the path of its file"
        )
    overrides = run.get("overrides") or {}
    if not isinstance(overrides, (str, dict)):
        raise ConfigurationError(f"{place}.overrides must be an object")
    after = run.get("after") or []
    after = [after] if isinstance(after, str) else after
    resources = {
        **as_object("resources", shared.get("resources") or {}),
        **as_object(f"{place}.resources", run.get("resources") or {}),
    }
    environment = {
        **as_object("environment", shared.get("environment") or {}),
        **as_object(f"{place}.environment", run.get("environment") or {}),
    }
    return Entry(
        name,
        run["config"],
        overrides if isinstance(overrides, str) else json.dumps(overrides),
        _seeds(f"{place}.seeds", run.get("seeds", shared.get("seeds"))),
        tuple(_texts(f"{place}.after", after)),
        _resources(f"{place}.resources", resources),
        dict(zip(environment, _texts(f"{place}.environment", list(environment.values())))),
    )


def _seeds(place: str, seeds: Any) -> tuple[int, ...]:
    seeds = [] if seeds is None else seeds
    right = isinstance(seeds, list) and all(type(one) is int and one >= 0 for one in seeds)
    if not right or any(one >= _SEEDS for one in seeds):
        raise ConfigurationError(
            f"{place} must be a list of whole numbers below 2**32, as [13, 14, 15]"
        )
    if len(set(seeds)) < len(seeds):
        raise ConfigurationError(f"{place} has one twice: {seeds}")
    return tuple(seeds)


def _resources(place: str, resources: Mapping[str, Any]) -> dict[str, float]:
    _known(place, resources, _OF_NEEDS)
    for key, value in resources.items():
        least, whole = int(key == "cpus"), key != "memory"
        right = type(value) is int or (type(value) is float and not whole)
        if not right or value < least:
            kind = "a whole number" if whole else "a number of gigabytes"
            raise ConfigurationError(f"{place}.{key} must be {kind} from {least} on, not {value!r}")
    return dict(resources)


def as_object(place: str, value: Any) -> Config:
    """The value; raises `ConfigurationError` that names the place where it is something else."""
    if not isinstance(value, dict):
        raise ConfigurationError(f"{place} must be an object, not {value!r}")
    return value


def _texts(place: str, values: Any) -> list[str]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ConfigurationError(f"{place} must have texts only, not {values!r}")
    return values


def _known(place: str, given: Mapping[str, Any], keys: Sequence[str]) -> None:
    unknown = ", ".join(sorted(given.keys() - set(keys)))
    if unknown:
        raise ConfigurationError(f"{place}: no key {unknown}; there are {', '.join(keys)}")


def _check_once(entries: Mapping[str, Entry]) -> None:
    owner: dict[str, str] = {}
    for entry in entries.values():
        for name in entry.runs:
            other = owner.setdefault(name, entry.name)
            if other != entry.name:
                raise ConfigurationError(
                    f"runs: '{other}' and '{entry.name}' would both have a run '{name}': rename one"
                )
