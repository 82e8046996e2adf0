"""One command at a time in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from allennlp.common.checks import ConfigurationError
from filelock import FileLock, Timeout


@contextmanager
def locked(folder: str | os.PathLike[str]) -> Iterator[None]:
    """
    Keep a folder to this process; when it ends, however it does, the folder is free again.

    # Parameters

    folder : `PathLike`
        Made where it is missing.

    Raises `ConfigurationError` when another process has it, and when it cannot be written.
    """
    lock = FileLock(Path(folder) / ".lock", timeout=0)
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise ConfigurationError(
            f"another command works in {folder}: wait for it, or let that one do more at a time "
            "with --jobs"
        ) from error
    except OSError as error:
        raise ConfigurationError(
            f"cannot write into {folder}: {error.strerror or error}. Choose another folder with -s"
        ) from error
    try:
        yield
    finally:
        lock.release()
