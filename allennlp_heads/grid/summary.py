"""`grid.json`: the runs of a grid, how far they are, and what they scored."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.grid.folders import metrics_of
from allennlp_heads.grid.names import SUMMARY
from allennlp_heads.grid.plan import SEEDS
from allennlp_heads.grid.state import RunState, State
from allennlp_heads.reports.files import DamagedReport, read_report, write_report

logger = logging.getLogger(__name__)

SCHEMA, VERSION = "grid", 1


def write_summary(
    out: Path,
    config_file: str,
    states: Sequence[RunState],
    earlier: Mapping[str, Any],
) -> None:
    """
    # Parameters

    out : `Path`
        The grid's folder.
    config_file : `str`
    states : `Sequence[RunState]`
        Of the runs of this command.
    earlier : `Mapping[str, Any]`
        What the file said before; runs that this command leaves out stay as they were.
    """
    runs = {**earlier.get("runs", {}), **{one.run.name: _entry(one) for one in states}}
    content = {
        "grid": config_file,
        "runs": {name: runs[name] for name in sorted(runs)},
    }
    write_report(out / SUMMARY, SCHEMA, VERSION, content)


def read_summary(out: Path) -> dict[str, Any]:
    """What an earlier command wrote, or nothing; also where that is no file of a grid's runs."""
    path = out / SUMMARY
    if not path.is_file():
        return {}
    found = read_report(path, SCHEMA, VERSION)
    if not isinstance(found.get("runs"), dict):
        raise DamagedReport(
            f"{path} is damaged: repeat 'allennlp heads grid', which writes it anew"
        )
    return found


def read_earlier(out: Path) -> dict[str, Any]:
    """As `read_summary`, but nothing where the file is damaged: the runs' folders suffice."""
    try:
        return read_summary(out)
    except DamagedReport as error:
        logger.warning("%s It is written anew, without what earlier attempts took.", error.message)
        return {}


def is_grid(folder: Path) -> bool:
    """
    Whether a grid of runs lies in a folder; other verbs write a `grid.json` as well. Raises
    `DamagedReport` where nobody can say.
    """
    try:
        return bool(read_summary(folder))
    except DamagedReport:
        raise
    except ConfigurationError:
        return False


def _entry(one: RunState) -> dict[str, Any]:
    config, archive = one.run.config, one.archive if one.state is State.COMPLETE else None
    return {
        "state": one.state.value,
        "after": list(one.run.after),
        "seed": config.get(SEEDS[-1]),
        "tasks": list((config.get("model") or {}).get("heads") or {}),
        "attempts": one.attempts,
        "seconds": round(one.seconds, 3),
        "reason": one.reason or None,
        "metrics": metrics_of(one.run) if one.state is State.COMPLETE else None,
        "archive": None if archive is None else {"bytes": archive[0], "modified": archive[1]},
        "packages": one.packages,
        "data_files": one.data_files,
    }
