"""Whether what lies there half-written is of a process that goes on, or of one that is gone."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def runs(process: int) -> bool:
    """
    Whether another process of this number is running on this machine. What this process itself has
    begun and left, after a second Ctrl-C, it may take away; one that has ended, and whose parent
    has not asked after it yet, writes no more.
    """
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return process != os.getpid() and not _has_ended(process)


def _has_ended(process: int) -> bool:
    """Where the system tells the states of processes as files."""
    with suppress(OSError, IndexError):
        # behind the program's name, which may hold blanks and brackets
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        return state in ("Z", "X")
    return False
