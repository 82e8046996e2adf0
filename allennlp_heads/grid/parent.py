"""Ending with the process that started this one, however that one ended."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as first_ready


def end_with_parent(told: Connection | None = None) -> None:
    """
    From now on this process ends at once when its parent has ended, even when killed, or when the
    other end of a connection is closed. Where it leads a process group, that ends too.

    # Parameters

    told : `Connection`, optional (default = `None`)
    """
    parent = multiprocessing.parent_process()
    assert parent is not None, "a process of multiprocessing"
    watched = [parent.sentinel] if told is None else [told, parent.sentinel]
    threading.Thread(target=_wait_and_end, args=(watched,), daemon=True).start()


def _wait_and_end(watched: list[Connection | int]) -> None:
    first_ready(watched)
    if hasattr(os, "getpgrp") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)
