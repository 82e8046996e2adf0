"""How far the training in a folder is."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.disk.archives import archive_damage
from allennlp_heads.grid.executor import PlannedRun
from allennlp_heads.reports.files import atomic_write

Archived = tuple[int, int]
"""Bytes of an archive, and when it was written, in nanoseconds: by these it is known again."""


class Progress(Enum):
    """
    How far: nothing there; to be recovered; nothing that can or need be recovered; all done.
    """

    NONE = "none"
    BEGUN = "begun"
    UNREADABLE = "unreadable"
    COMPLETE = "complete"


def progress_of(run: PlannedRun, whole: Archived | None = None) -> Progress:
    """
    # Parameters

    run : `PlannedRun`
    whole : `Archived`, optional (default = `None`)
        Of an archive that was found whole before; any other is read through.

    # Returns

    `Progress`
        Complete is a run with the configuration of the plan, `metrics.json` and a whole archive.

    Raises `ConfigurationError` that names run and key when the folder has something of another
    configuration; where that one only failed, it has not.
    """
    folder = Path(run.folder)
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return Progress.NONE
    there = _json(folder / "config.json")
    if there is None:
        return Progress.UNREADABLE
    key = next(_different(there, _as_file_has_it(run.config), str(folder.parent)), None)
    if key is not None and not holds_something(run):
        return Progress.UNREADABLE
    if key is not None:
        raise ConfigurationError(
            f"{run.name}: '{key}' is not what it was when {folder} was begun: put the old value "
            "back, choose another folder with -s, or delete this one to train it anew"
        )
    if _json(folder / "metrics.json") is None:
        return Progress.BEGUN
    archive = archived(run)
    if archive is None or (archive != whole and not _is_whole(_archive(run))):
        return Progress.BEGUN
    return Progress.COMPLETE


def holds_something(run: PlannedRun) -> bool:
    """Whether anything that was trained is in its folder."""
    return any(
        any(Path(run.folder).glob(kind)) for kind in ("*.th", "metrics*.json", "model.tar.gz")
    )


def archived(run: PlannedRun) -> Archived | None:
    """What a run's archive is known again by; `None` where there is none."""
    try:
        found = _archive(run).stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def prepare_to_recover(run: PlannedRun) -> None:
    """
    Remove what an earlier attempt left that this one is to write: an archive of an earlier epoch
    would look like that of the end. The configuration is written anew, since the grid's folder may
    have been moved, and with it what `@RUN/FILE` stands for.
    """
    _archive(run).unlink(missing_ok=True)
    there = Path(run.folder) / "config.json"
    if _json(there) != _as_file_has_it(run.config):
        with atomic_write(there) as file:
            file.write(json.dumps(run.config, indent=4).encode())


def metrics_of(run: PlannedRun) -> dict[str, Any] | None:
    """What `metrics.json` says, if it is there."""
    return _json(Path(run.folder) / "metrics.json")


def metrics_so_far(run: PlannedRun) -> dict[str, Any]:
    """Those of the last epoch, or of the whole run; empty before the first epoch has ended."""
    epochs = epochs_of(run)
    so_far = _json(Path(run.folder) / f"metrics_epoch_{epochs - 1}.json") if epochs else None
    return metrics_of(run) or so_far or {}


def epochs_of(run: PlannedRun) -> int:
    """How many epochs have been trained."""
    return sum(1 for _ in Path(run.folder).glob("metrics_epoch_*.json"))


def checkpoints_of(run: PlannedRun) -> frozenset[tuple[str, int]]:
    """The files of checkpoints with their times: equal ones mean that nothing was gained."""
    found = set()
    for path in Path(run.folder).glob("training_state_*.th"):
        try:
            found.add((path.name, path.stat().st_mtime_ns))
        except OSError:  # just replaced by a newer one
            continue
    return frozenset(found)


def _archive(run: PlannedRun) -> Path:
    return Path(run.folder) / "model.tar.gz"


def _is_whole(path: Path) -> bool:
    try:
        return archive_damage(path) is None
    except OSError:
        return False


def _json(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _as_file_has_it(config: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(config))
    return found


def _different(there: Any, now: Any, out: str, place: str = "") -> Iterator[str]:
    """The keys with other values, as `trainer.num_epochs`; `out` itself may have been moved."""
    if there == now:
        return
    if isinstance(there, list) and isinstance(now, list) and len(there) == len(now):
        there, now = (dict(enumerate(one)) for one in (there, now))
    if isinstance(there, dict) and isinstance(now, dict):
        for key in sorted({*there, *now}):
            inner = f"{place}.{key}" if place else str(key)
            if (key in there) != (key in now):
                yield inner
            else:
                yield from _different(there[key], now[key], out, inner)
    elif not _moved(there, now, out):
        yield place


def _moved(there: Any, now: Any, out: str) -> bool:
    texts = isinstance(there, str) and isinstance(now, str)
    return bool(texts and now.startswith(f"{out}{os.sep}") and there.endswith(now[len(out) :]))
