"""The folder of a grid in the place of the folders of its runs, for verbs that read runs."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from allennlp.common.checks import ConfigurationError

from allennlp_heads.grid.names import FAILURES, SUMMARY
from allennlp_heads.grid.state import State
from allennlp_heads.grid.summary import is_grid, read_summary

logger = logging.getLogger(__name__)


def runs_of(arguments: Sequence[str], unfinished: bool = False) -> list[str]:
    """
    # Parameters

    arguments : `Sequence[str]`
        What a verb was given: folders of runs, and among them folders of grids. The grid's own
        files are passed over, so that `OUT/*` means the same as `OUT`.
    unfinished : `bool`, optional (default = `False`)
        Whether runs that are not complete are given to the verb, too, which may refuse them;
        otherwise they are left out with a warning.

    # Returns

    `List[str]`
        Arguments without folders of grids. Whatever else was given is as it was.

    Raises `ConfigurationError` for a grid of which no run is complete.
    """
    found: list[str] = []
    for argument in arguments:
        path = Path(argument)
        if path.is_dir() and is_grid(path):
            found += _of_grid(path, unfinished)
        elif not (path.name in (SUMMARY, FAILURES) and path.is_file() and is_grid(path.parent)):
            found.append(argument)
    return found


def _of_grid(folder: Path, unfinished: bool) -> list[str]:
    states = {name: run["state"] for name, run in read_summary(folder)["runs"].items()}
    complete = [name for name, state in states.items() if state == State.COMPLETE.value]
    if not complete:
        raise ConfigurationError(
            f"{folder}: no run of this grid is complete: repeat 'allennlp heads grid GRID -s "
            f"{folder}'"
        )
    left = [name for name in states if name not in complete]
    if unfinished:
        return [str(folder / name) for name in states if (folder / name).is_dir()]
    if left:
        logger.warning(
            "%s: %d of %d runs are not complete and are left out: %s",
            folder,
            len(left),
            len(states),
            ", ".join(left),
        )
    return [str(folder / name) for name in complete]
