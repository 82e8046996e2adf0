"""Runs as settings: those that differ in nothing but their seeds repeat each other."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.comparing.alike import fingerprint, without_seed
from allennlp_heads.reports.comparing.differences import differences
from allennlp_heads.reports.comparing.runs import (
    VALIDATION,
    ScoredRun,
    Unfinished,
    read_scored_run,
)

_NAMED = re.compile(r"([^=/\\]+)=(.*)", re.DOTALL)


@dataclass(frozen=True)
class Setting:
    """
    # Parameters

    name : `str`
    runs : `Tuple[ScoredRun, ...]`
        By ascending seed.
    """

    name: str
    runs: tuple[ScoredRun, ...]

    @property
    def tasks(self) -> tuple[str, ...]:
        """What it trains."""
        return self.runs[0].tasks

    @property
    def differs(self) -> list[str]:
        """In which configuration keys its runs do not repeat each other."""
        first = self.runs[0]
        return sorted({key for run in self.runs[1:] for key in differences(first, run)})


def read_settings(
    arguments: Sequence[str],
    data: str = VALIDATION,
    epoch: str = "best",
    skip_unfinished: bool = False,
) -> tuple[list[Setting], list[str]]:
    """
    Read runs and put those of one setting together.

    # Parameters

    arguments : `Sequence[str]`
        Each the folder of a run, or `NAME=RUN,RUN` with all runs of a setting. Runs without NAME
        form settings by their configurations, see `fingerprint`, named after their tasks, as
        `pos+dep`, and where several settings have these, after their folders.
    data, epoch : `str`
        See `read_scored_run`.
    skip_unfinished : `bool`, optional (default = `False`)
        Leave out runs that are not finished.

    # Returns

    `Tuple[List[Setting], List[str]]`
        The settings in the order in which they are first given, and the folders left out.

    Raises `ConfigurationError` for a run that is given twice or cannot be compared, for a setting
    with two runs of one seed or of different tasks, and for names that stand for two settings.
    """
    given = list(_parts(arguments))
    _check_once([folder for _, folder in given])
    runs: list[tuple[str | None, ScoredRun]] = []
    unfinished: dict[str, Unfinished] = {}
    for name, folder in given:
        try:
            runs.append((name, read_scored_run(folder, data, epoch)))
        except Unfinished as error:
            unfinished[folder] = error
    if unfinished and not skip_unfinished:
        several = "; ".join(str(error.message) for error in unfinished.values())
        raise ConfigurationError(f"{several}; --skip-unfinished leaves such runs out")
    if not runs:
        raise ConfigurationError("no run is left to compare: all are unfinished")
    grouped: dict[tuple[str | None, str], list[ScoredRun]] = {}
    for name, run in runs:
        grouped.setdefault((name, "" if name else fingerprint(run)), []).append(run)
    settings = _with_names(grouped)
    for setting in settings:
        _check(setting)
    return settings, list(unfinished)


def _parts(arguments: Sequence[str]) -> Iterable[tuple[str | None, str]]:
    """A folder at a time, with the setting's name where one is given."""
    named = set()
    for argument in arguments:
        found = None if Path(argument).exists() else _NAMED.fullmatch(argument)
        if found is None:
            if "=" in argument and not Path(argument).exists():
                raise ConfigurationError(
                    f"'{argument}': there is no such folder, and the NAME of NAME=RUN can have "
                    "neither '/' nor '\\'"
                )
            yield None, argument
            continue
        name, folders = found[1].strip(), found[2].split(",")
        if not name or not all(map(str.strip, folders)):
            raise ConfigurationError(f"'{argument}': write NAME=RUN or NAME=RUN,RUN")
        if name in named:
            raise ConfigurationError(
                f"the setting '{name}' is given twice: write all its runs together, as in "
                f"{name}=RUN,RUN"
            )
        named.add(name)
        yield from ((name, folder) for folder in folders)


def _check_once(folders: Sequence[str]) -> None:
    places = Counter(os.path.realpath(folder) for folder in folders)
    twice = [folder for folder in folders if places[os.path.realpath(folder)] > 1]
    if twice:
        raise ConfigurationError(f"{' and '.join(twice)} are the same run: give each run once")


def _with_names(grouped: dict[tuple[str | None, str], list[ScoredRun]]) -> list[Setting]:
    settings, by_folder = [], []
    for (name, _), runs in grouped.items():
        ordered = tuple(sorted(runs, key=lambda run: run.seed))
        settings.append(Setting(name or "+".join(ordered[0].tasks), ordered))
        by_folder.append(name is None)
    for parents in range(3):
        taken = Counter(setting.name for setting in settings)
        settings = [
            replace(setting, name=_folder_name(setting.runs[0], parents))
            if taken[setting.name] > 1 and unnamed
            else setting
            for setting, unnamed in zip(settings, by_folder)
        ]
    taken = Counter(setting.name for setting in settings)
    for setting in settings:
        if taken[setting.name] > 1:
            folders = [s.runs[0].folder for s in settings if s.name == setting.name]
            raise ConfigurationError(
                f"{' and '.join(folders)} are of different settings, which would both be called "
                f"'{setting.name}': name them, as in NAME=RUN,RUN"
            )
    return settings


def _folder_name(run: ScoredRun, parents: int) -> str:
    """The folder's name without the seed, with so many of the folders above it."""
    place = Path(os.path.abspath(run.folder))
    above = place.parts[1:-1]
    kept = above[len(above) - parents :] if parents else ()
    return "/".join([*kept, without_seed(place.name, run.seed)])


def _check(setting: Setting) -> None:
    seeds: dict[int, str] = {}
    for run in setting.runs:
        if run.seed in seeds:
            raise ConfigurationError(
                f"{seeds[run.seed]} and {run.folder} are one setting ('{setting.name}') and have "
                f"one seed, {run.seed}: leave one of them out, or name them as two settings, as in "
                "NAME=RUN"
            )
        seeds[run.seed] = run.folder
        if set(run.tasks) != set(setting.tasks):
            raise ConfigurationError(
                f"'{setting.name}': {setting.runs[0].folder} trains {', '.join(setting.tasks)}, "
                f"but {run.folder} {', '.join(run.tasks)}: give them as two settings"
            )
