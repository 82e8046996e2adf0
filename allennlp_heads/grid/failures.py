"""One file with what went wrong in all runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from allennlp_heads.grid.executor import BEGINS
from allennlp_heads.grid.names import FAILURES
from allennlp_heads.grid.state import RunState, State
from allennlp_heads.reports.files import atomic_write

_LINES = 40
_LONGEST = 300  # characters
_LOGGED = re.compile(r"^[-\d]+ [\d:,]+ - [A-Z]+ - \S+ - ")  # what comes before a logged message
_BYTES = 64_000  # more than that many lines of a log are not read


def write_failures(out: Path, states: Sequence[RunState]) -> Path | None:
    """
    Write `failures.txt` anew: each failed run with the end of its log, and what is blocked by it.

    # Parameters

    out : `Path`
        The grid's folder.
    states : `Sequence[RunState]`

    # Returns

    `Path`, or `None` where nothing failed, and there is no such file any more
    """
    path = out / FAILURES
    parts = [_part(one) for one in states if one.state is State.FAILED]
    if not parts:
        path.unlink(missing_ok=True)
        return None
    parts += [
        f"{one.run.name}: blocked, {one.reason}\n" for one in states if one.state is State.BLOCKED
    ]
    with atomic_write(path) as file:
        file.write("\n".join(parts).encode())
    return path


def tail(log: str, lines: int = _LINES) -> list[str]:
    """The last lines of a log, fewer where it is shorter; none where it cannot be read."""
    try:
        with open(log, "rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    return text.splitlines()[-lines:]


def last_words(log: str) -> str:
    """
    `": "` and what a run said last, which is what it failed from; nothing where it said nothing.
    """
    said = [line for line in tail(log) if line.strip() and not line.startswith(BEGINS)]
    return f": {_LOGGED.sub('', said[-1])[:_LONGEST]}" if said else ""


def _part(one: RunState) -> str:
    said = "".join(f"    {line}\n" for line in tail(one.run.log))
    return f"{one.run.name}: {one.reason}\nthe end of {one.run.log}:\n{said}"
