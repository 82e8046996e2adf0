"""The runs of a grid, with their seeds, and with the files of those that they come after."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.common.params import parse_overrides, with_overrides

from allennlp_heads.grid.executor import PlannedRun
from allennlp_heads.grid.names import HIDDEN, fitting
from allennlp_heads.grid.options import Config, Entry, as_object, needs_of, read_entries

SEEDS = ("random_seed", "numpy_seed", "pytorch_seed")
_FILE_OF_RUN = re.compile(r"@([A-Za-z0-9][A-Za-z0-9_.+-]*)/(.+)")


def plan_runs(
    config_file: str,
    out: str | os.PathLike[str],
    packages: Sequence[str] = (),
    machine_has_gpus: bool = False,
) -> list[PlannedRun]:
    """
    # Parameters

    config_file : `str`
        Jsonnet of a grid; nothing of `out` is read or written.
    out : `PathLike`
        The grid's folder.
    packages : `Sequence[str]`, optional (default = `()`)
    machine_has_gpus : `bool`, optional (default = `False`)
        See `needs_of`.

    # Returns

    `List[PlannedRun]`
        Each after those that it comes after, otherwise as in the file.

    Raises `ConfigurationError` that names the run for what cannot be.
    """
    entries = read_entries(config_file)
    place = Path(os.path.abspath(out))
    runs: dict[str, PlannedRun] = {}
    for entry in entries.values():
        for name, seed in entry.runs.items():
            config = _configuration(entry, seed, Path(config_file).parent)
            sources = _Sources(entries, name, seed, place)
            after = [run for said in entry.after for run in sources.named(said)]
            config = sources.resolved(config)
            runs[name] = PlannedRun(
                name,
                str(place / name),
                config,
                tuple(dict.fromkeys([*after, *sources.used])),
                needs_of(entry.resources, config, machine_has_gpus),
                entry.environment,
                tuple(packages),
                str(place / HIDDEN / "logs" / f"{name}.log"),
                str(place / HIDDEN / "locks" / f"{name}.lock"),
                str(place / HIDDEN / "aside" / name),
            )
    return [runs[name] for name in in_order({run.name: run.after for run in runs.values()})]


def in_order(after: Mapping[str, Iterable[str]]) -> list[str]:
    """
    The names, each after those that it comes after. Raises `ConfigurationError` where they go in a
    circle.
    """
    try:
        return list(TopologicalSorter(after).static_order())
    except CycleError as error:
        circle = " after ".join(reversed(error.args[1]))
        raise ConfigurationError(
            f"runs: {circle}: none of these can come first. Take out one 'after' or '@RUN/' of them"
        ) from error


def chosen(runs: Sequence[PlannedRun], patterns: Sequence[str] | None) -> list[PlannedRun]:
    """
    The runs whose names fit one of the patterns, and all that they come after; without patterns
    all. Raises `ConfigurationError` for a pattern that fits none.
    """
    names = [run.name for run in runs]
    explained = f"--only: no run fits '{{}}'; they are {', '.join(names)}"
    wanted = set(fitting(names, patterns, explained))
    for run in reversed(runs):
        if run.name in wanted:
            wanted.update(run.after)
    return [run for run in runs if run.name in wanted]


def _configuration(entry: Entry, seed: int | None, folder: Path) -> Config:
    place, variables = f"runs.{entry.name}", dict(entry.environment)
    if isinstance(entry.config, str):
        path = folder / entry.config
        if not path.is_file():
            raise ConfigurationError(
                f"{place}.config: there is no file {path}. Paths are relative to the grid's file"
            )
        config = as_object(str(path), Params.from_file(path, ext_vars=variables).params)
    else:
        config = entry.config
    try:
        changes = parse_overrides(entry.overrides, ext_vars=variables)
        config = with_overrides(config, changes) if changes else config
    except RuntimeError as error:  # of the Jsonnet library
        told = str(error).strip().splitlines()[0]
        raise ConfigurationError(f"{place}.overrides cannot be evaluated: {told}") from error
    except ValueError as error:
        raise ConfigurationError(f"{place}.overrides: {error}") from error
    for key in ("trainer", "distributed"):
        if not isinstance(config.get(key) or {}, dict):
            raise ConfigurationError(f"{place}.config.{key} must be an object, not {config[key]!r}")
    return {**config, **({} if seed is None else dict.fromkeys(SEEDS, seed))}


class _Sources:
    """What a run may name of others."""

    def __init__(
        self, entries: Mapping[str, Entry], name: str, seed: int | None, out: Path
    ) -> None:
        self._entries = entries
        self._name = name
        self._seed = seed
        self._out = out
        self.used: list[str] = []

    def named(self, text: str) -> list[str]:
        """The runs that an entry's or a run's name stands for: the one of the same seed, or all."""
        if text in self._entries:
            runs = self._entries[text].runs
            return [run for run, seed in runs.items() if seed == self._seed] or list(runs)
        if any(text in entry.runs for entry in self._entries.values()):
            return [text]
        raise ConfigurationError(
            f"runs: '{self._name}' comes after '{text}', which is no run of this grid; they are "
            + ", ".join(run for entry in self._entries.values() for run in entry.runs)
        )

    def resolved(self, config: Config) -> Config:
        """With paths in the place of `@RUN/FILE`."""
        found: Config = _mapped(config, self._path)
        return found

    def _path(self, text: str) -> str:
        match = _FILE_OF_RUN.fullmatch(text)
        if match is None:
            return text
        runs = self.named(match[1])
        if len(runs) > 1:
            raise ConfigurationError(
                f"runs: '{self._name}' wants {text}, which could be of {', '.join(runs)}: name "
                f"one, as @{runs[0]}/{match[2]}, or give both the same seeds"
            )
        self.used += runs
        return str(self._out / runs[0] / match[2])


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _mapped(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [_mapped(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value
