"""What a run may be called: its name is that of its folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from allennlp.common.checks import ConfigurationError

SUMMARY = "grid.json"
FAILURES = "failures.txt"
"""Files beside the folders of the runs."""

HIDDEN = ".grid"
"""Folder of logs, locks and folders that were put aside; `OUT/*` does not name it."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")
_LONGEST = 120


def check_names(names: Iterable[str]) -> None:
    """
    Raise `ConfigurationError` for a name that is no plain name of a folder, is one of the grid's
    own files, or differs from another in capitals only, which is one folder on some systems.
    """
    seen: dict[str, str] = {}
    for name in names:
        if not _NAME.fullmatch(name) or len(name) > _LONGEST:
            raise ConfigurationError(
                f"runs: {name!r} cannot name a run, whose folder has its name: write up to "
                f"{_LONGEST} letters of A to Z, digits, '_', '.', '+' and '-', a letter or digit "
                "first"
            )
        if name in (SUMMARY, FAILURES):
            raise ConfigurationError(
                f"runs: no run can be called '{name}', which is a file of the grid: rename it"
            )
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            raise ConfigurationError(
                f"runs: '{other}' and '{name}' differ in capitals only: rename one"
            )


def fitting(names: Sequence[str], patterns: Sequence[str] | None, explained: str) -> list[str]:
    """
    # Parameters

    names : `Sequence[str]`
    patterns : `Sequence[str]`, optional
        As `*.13`; `None` takes all.
    explained : `str`
        What no name fits, and what the names are, for the error; `{}` in it is the pattern.

    # Returns

    `List[str]`
        Names that fit a pattern, in their order.

    Raises `ConfigurationError` for a pattern that fits none.
    """
    if patterns is None:
        return list(names)
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise ConfigurationError(explained.format(pattern))
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]
