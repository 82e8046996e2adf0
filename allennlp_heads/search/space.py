"""What is searched: hyper-parameters, in the file that `allennlp-optuna` has for them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.search.jsonnet import read_jsonnet
from allennlp_heads.search.library import import_optuna

KINDS = ("categorical", "float", "int")

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Hyperparameter:
    """
    # Parameters

    kind : `str`
        One of `KINDS`.
    attributes : `Dict[str, Any]`
        Arguments of Optuna's `suggest_<kind>`; `name` is that of the external variable.
    """

    kind: str
    attributes: dict[str, Any]

    @property
    def name(self) -> str:
        """What the configuration calls it."""
        return str(self.attributes["name"])

    @property
    def first(self) -> Value:
        """The least value, or the first choice."""
        value: Value = self.attributes.get("low", (self.attributes.get("choices") or [None])[0])
        return value


class Space:
    """
    # Parameters

    hyperparameters : `List[Hyperparameter]`
    """

    def __init__(self, hyperparameters: list[Hyperparameter]) -> None:
        self.hyperparameters = hyperparameters

    @property
    def names(self) -> list[str]:
        """In the order of the file."""
        return [one.name for one in self.hyperparameters]

    @property
    def first(self) -> dict[str, Value]:
        """A value for each, for a look at the configuration before anything is tried."""
        return {one.name: one.first for one in self.hyperparameters}

    def suggest(self, trial: Any) -> dict[str, Value]:
        """The values of a trial of Optuna's, which remembers those that it was asked for before."""
        return {
            one.name: getattr(trial, f"suggest_{one.kind}")(**one.attributes)
            for one in self.hyperparameters
        }

    def as_list(self) -> list[dict[str, Any]]:
        """As the file has it."""
        return [{"type": one.kind, "attributes": one.attributes} for one in self.hyperparameters]


def read_space(path: str) -> Space:
    """
    # Parameters

    path : `str`
        JSON or Jsonnet: a list of `{ type: 'float', attributes: { name, low, high, log } }` and the
        like.

    Raises `ConfigurationError` that names file and entry for what Optuna would not take, or would
    make something else of.
    """
    if not Path(path).is_file():
        raise ConfigurationError(f"there is no file {path}: give the list of hyper-parameters")
    entries = read_jsonnet(path)
    if not isinstance(entries, list) or not entries:
        raise ConfigurationError(
            f"{path} must be a list of hyper-parameters, as "
            "[{ type: 'float', attributes: { name: 'lr', low: 1e-5, high: 1e-3, log: true } }]"
        )
    optuna = import_optuna()
    # asked once for nothing: the library knows best what it takes
    trial = optuna.create_study(sampler=optuna.samplers.RandomSampler(0)).ask()
    found = [
        _entry(f"{path}, entry {place}", entry, trial) for place, entry in enumerate(entries, 1)
    ]
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigurationError(f"{path}: '{twice[0]}' is there twice: rename one")
    return Space(found)


def _entry(place: str, entry: Any, trial: Any) -> Hyperparameter:
    if not isinstance(entry, dict) or entry.keys() != {"type", "attributes"}:
        raise ConfigurationError(f"{place} must have type and attributes, and nothing else")
    kind, attributes = entry["type"], entry["attributes"]
    if kind not in KINDS:
        raise ConfigurationError(
            f"{place}: type is {kind!r}; there are {', '.join(KINDS)}. A 'loguniform' is a 'float' "
            "with log: true"
        )
    if not isinstance(attributes, dict) or not isinstance(attributes.get("name"), str):
        raise ConfigurationError(
            f"{place}: attributes must have the name that the configuration has in std.extVar"
        )
    found = Hyperparameter(kind, attributes)
    mistake = _of_choices(attributes) if kind == "categorical" else _of_numbers(kind, attributes)
    if mistake is not None:
        raise ConfigurationError(f"{place}, '{found.name}': {mistake}")
    try:
        Space([found]).suggest(trial)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"{place}, '{found.name}': {error}") from error
    return found


def _of_numbers(kind: str, attributes: dict[str, Any]) -> str | None:
    """What is wrong with the bounds; Optuna would cut off what follows the point of an int."""
    wanted = "a whole number" if kind == "int" else "a number"
    for key in ("low", "high", "step"):
        value = attributes.get(key)
        if key not in attributes or (value is None and key == "step" and kind == "float"):
            continue
        broken = isinstance(value, float) and not value.is_integer()
        if not _is_number(value) or (kind == "int" and broken):
            return f"{key} must be {wanted}, but is {json.dumps(value)}"
    log = attributes.get("log", False)
    return None if isinstance(log, bool) else f"log must be true or false, not {json.dumps(log)}"


def _of_choices(attributes: dict[str, Any]) -> str | None:
    """What is wrong with the choices; the study could not keep what is no text or number."""
    choices = attributes.get("choices", [])
    if not isinstance(choices, list):
        return f"choices must be a list, but is {json.dumps(choices)}"
    for choice in choices:
        if not (choice is None or isinstance(choice, str | bool) or _is_number(choice)):
            return (
                f"the choice {json.dumps(choice)} must be a text, a number, true, false or null: "
                "give it a name here, and look the name up in the Jsonnet"
            )
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
