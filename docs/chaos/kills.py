"""A command that is killed with everything it has started."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from docs.runs import console

logger = logging.getLogger("runs")

_HALF = ("*.tmp", "*.draft", "*.old", ".draft-*")


def killed_after(words: list[str], folder: Path, seconds: float) -> dict[str, Any]:
    """
    Start the command, and kill it and all its descendants with SIGKILL after so many seconds.

    # Parameters

    words : `List[str]`
        Behind `allennlp-heads`.
    folder : `Path`
        That it writes; its output is added to `<folder>.log`.
    seconds : `float`

    # Returns

    `Dict[str, Any]`
        `after`: the seconds, `processes`: how many were killed, `complete`: how many runs were
        done, `running`: of the others that had begun, `epochs` and the newest `checkpoint`, and
        `half`: names of files that were just being written.

    Raises `Failed` when the command ends before.
    """
    started = time.monotonic()
    process = console.started(words, folder, threads=1, new_session=True)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        pass
    except BaseException:
        _kill(process.pid)
        raise
    else:
        raise console.Failed(
            f"the grid ended with status {process.returncode} before it was to be killed, after "
            f"{seconds:.0f} s: delete {folder} and give another --kill-seed, or see {folder}.log"
        )
    killed = _kill(process.pid)
    process.wait()
    found = {"after": round(time.monotonic() - started, 1), "processes": killed, **_state(folder)}
    logger.info("killed after %(after)s s: %(complete)d complete, %(running)s", found)
    return found


def half_written(folder: Path) -> list[str]:
    """Names of temporary files and drafts."""
    paths = {path for pattern in _HALF for path in folder.rglob(pattern)}
    return sorted(str(path.relative_to(folder)) for path in paths)


def _kill(first: int) -> int:
    """Of the first process and its descendants: nobody gets the time to notice the others' end."""
    family = _family(first)
    for number in family:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    # what was born in between
    for number in _family(first) - family:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    return len(family)


def _family(first: int) -> set[int]:
    parents = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # behind the name, which may have blanks and brackets: state, parent, group, session
            _, parent, _, session = place.read_text().rpartition(")")[2].split()[:4]
            parents[int(place.parent.name)] = (int(parent), int(session))
    family = {first} | {number for number, (_, session) in parents.items() if session == first}
    grown = True
    while grown:
        more = {number for number, (parent, _) in parents.items() if parent in family}
        grown = not more <= family
        family |= more
    return family


def _state(folder: Path) -> dict[str, Any]:
    summary = folder / "grid.json"
    runs = json.loads(summary.read_text("utf-8"))["runs"] if summary.is_file() else {}
    complete = {name for name, run in runs.items() if run["state"] == "complete"}
    begun = {path.parent.name for path in folder.glob("*/config.json")} - complete
    return {
        "complete": len(complete),
        "running": {name: _progress(folder / name) for name in sorted(begun)},
        "half": half_written(folder),
    }


def _progress(run: Path) -> dict[str, Any]:
    checkpoints = sorted(run.glob("training_state_e*.th"), key=lambda path: path.stat().st_mtime)
    point = checkpoints[-1].stem.removeprefix("training_state_") if checkpoints else None
    return {"epochs": len(list(run.glob("metrics_epoch_*.json"))), "checkpoint": point}
