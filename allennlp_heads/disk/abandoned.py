"""Whether what lies there half-written is of a process that goes on, or of one that is gone."""

from __future__ import annotations

import os


def runs(process: int) -> bool:
    """
    Whether another process of this number is running on this machine. What this process itself has
    begun and left, after a second Ctrl-C, it may take away.
    """
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return process != os.getpid()
