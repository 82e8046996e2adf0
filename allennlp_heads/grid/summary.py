"""`grid.json`: the runs of a grid, how far they are, and what they scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.grid.folders import metrics_of
from allennlp_heads.grid.names import SUMMARY
from allennlp_heads.grid.plan import SEEDS
from allennlp_heads.grid.state import RunState, State
from allennlp_heads.reports.files import read_report, write_report

SCHEMA, VERSION = "grid", 1


def write_summary(
    out: Path,
    config_file: str,
    states: Sequence[RunState],
    data_files: Mapping[str, str | None],
    earlier: Mapping[str, Any],
) -> None:
    """
    # Parameters

    out : `Path`
        The grid's folder.
    config_file : `str`
    states : `Sequence[RunState]`
        Of the runs of this command.
    data_files : `Mapping[str, Optional[str]]`
        Path -> digest.
    earlier : `Mapping[str, Any]`
        What the file said before; runs that this command leaves out stay as they were.
    """
    runs = {**earlier.get("runs", {}), **{one.run.name: _entry(one) for one in states}}
    content = {
        "grid": config_file,
        "runs": {name: runs[name] for name in sorted(runs)},
        "data_files": {**earlier.get("data_files", {}), **data_files},
    }
    write_report(out / SUMMARY, SCHEMA, VERSION, content)


def read_summary(out: Path) -> dict[str, Any]:
    """What an earlier command wrote, or nothing; also where that is no file of a grid's runs."""
    path = out / SUMMARY
    if not path.is_file():
        return {}
    found = read_report(path, SCHEMA, VERSION)
    if not isinstance(found.get("runs"), dict):
        raise ConfigurationError(f"{path} is damaged: delete it; the folders of the runs suffice")
    return found


def is_grid(folder: Path) -> bool:
    """Whether a grid of runs lies in a folder; other verbs write a `grid.json` as well."""
    try:
        return bool(read_summary(folder))
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
    }
