"""Faults of a file system and of a process, brought about on purpose and taken back."""

from __future__ import annotations

import errno
import os
import resource
import signal
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest
from allennlp.common.util import install_sigterm_handler

_EVENTS = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink")
_FREEING = ("os.remove", "os.rmdir")


class Disk:
    """
    A folder with little room.

    Where this process may mount, it is a file system of its own, as small as is asked for, that
    can also be made read-only. Elsewhere no file can grow above what is left, as by a quota.

    # Parameters

    folder : `Path`
    size : `int`, optional (default = 16 MiB)
    """

    def __init__(self, folder: Path, size: int = 1 << 24) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        options = ["-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", str(folder)]
        self.mounted = _quietly("mount", *options)

    def close(self) -> None:
        """Takes the file system away, and all that is in it."""
        if self.mounted:
            _quietly("umount", "--lazy", str(self.folder))
            self.mounted = False

    @contextmanager
    def full(self, left: int) -> Iterator[None]:
        """Leave room for so many bytes, or a few more."""
        if not self.mounted:
            with largest_file(left):
                yield
            return
        ballast = self.folder / ".ballast"
        free = os.statvfs(self.folder)
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(free.f_bavail * free.f_frsize - left, 1))
        try:
            yield
        finally:
            ballast.unlink()

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Let nobody write, root included."""
        if self.mounted:
            assert _quietly("mount", "-o", "remount,ro", str(self.folder))
            try:
                yield
            finally:
                assert _quietly("mount", "-o", "remount,rw", str(self.folder))
            return
        if os.geteuid() == 0:
            pytest.skip("root writes into every folder, and may not mount one here")
        folders = [self.folder, *(path for path in self.folder.rglob("*") if path.is_dir())]
        for folder in folders:
            folder.chmod(0o555)
        try:
            yield
        finally:
            for folder in folders:
                folder.chmod(0o755)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes: writing more fails with `EFBIG`."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


class Moments:
    """
    Notices what this process does to files below a folder: opening one to write, renaming,
    deleting, making folders; logs are left out. At the chosen one of these moments `fault` is
    called.

    # Parameters

    folder : `Path`
    at : `int`, optional (default = `None`)
        Which, from 0; without it nothing happens, and `seen` says what could.
    fault : `Callable[[], None]`, optional (default = `interrupt`)
    on : `bool`, optional (default = `False`)
        Also at every later one that needs room.
    """

    _active: Moments | None = None
    _installed = False

    def __init__(
        self,
        folder: Path,
        at: int | None = None,
        fault: Callable[[], None] | None = None,
        on: bool = False,
    ) -> None:
        self.seen: list[str] = []
        self._folder = f"{folder}{os.sep}"
        self._at, self._on = at, on
        self._fault = fault or interrupt
        if not Moments._installed:  # there is no way to take a hook of this kind away
            sys.addaudithook(_noticed)
            Moments._installed = True

    def __enter__(self) -> Moments:
        Moments._active = self
        return self

    def __exit__(self, *raised: Any) -> None:
        Moments._active = None

    def notice(self, event: str, args: tuple[Any, ...]) -> None:
        """Called with every audited event of the interpreter."""
        if event not in _EVENTS or not isinstance(args[0], (str, bytes, os.PathLike)):
            return
        if event == "open" and not args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return
        path = os.path.abspath(os.fsdecode(args[0]))
        if not f"{path}{os.sep}".startswith(self._folder) or path.endswith((".log", ".lock")):
            return
        if event == "os.mkdir" and os.path.isdir(path):
            return  # which changes nothing
        self.seen.append(f"{event} {path[len(self._folder) :]}")
        number = len(self.seen) - 1
        if self._at is None or number < self._at:
            return
        if number == self._at:
            self._fault()
        elif self._on and event not in _FREEING:
            self._fault()


def _noticed(event: str, args: tuple[Any, ...]) -> None:
    if Moments._active is not None:
        Moments._active.notice(event, args)


def interrupt() -> None:
    """Ctrl-C."""
    signal.raise_signal(signal.SIGINT)


def terminate() -> None:
    """What a queue sends when the time is up."""
    signal.raise_signal(signal.SIGTERM)


@contextmanager
def signals_raise() -> Iterator[None]:
    """
    AllenNLP's handler of SIGTERM, as its commands install it, and Python's own of Ctrl-C, which a
    process in the background is without.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    install_sigterm_handler()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def kill() -> None:
    """Nothing is cleared up after that."""
    os.kill(os.getpid(), signal.SIGKILL)


def refuse() -> NoReturn:
    """What a full disk says."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def cut(path: Path, share: float) -> None:
    """Take away what stands behind a share of the bytes."""
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])


def flip(path: Path, share: float) -> None:
    """Turn one bit of the byte at this share; of arrays, within the largest one."""
    content = bytearray(path.read_bytes())
    first, size = 0, len(content)
    if path.suffix == ".npz":
        with zipfile.ZipFile(path) as file:
            largest = max(file.infolist(), key=lambda info: info.compress_size)
        # behind its header, whose times, flags and further fields nobody reads
        start = largest.header_offset
        first = start + 30 + sum(struct.unpack("<HH", content[start + 26 : start + 30]))
        size = largest.compress_size
    content[first + int(size * share)] ^= 1
    path.write_bytes(bytes(content))


def files_below(folder: Path) -> dict[str, bytes]:
    """What is there, hidden and temporary files included; locks are nobody's files."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_dir():
            found[f"{name}/"] = b""
        elif path.name != ".lock":
            found[name] = path.read_bytes()
    return found


def in_a_child(work: Callable[[], object], limit: float = 120.0) -> int:
    """
    Do something in a copy of this process.

    # Returns

    `int`
        How it ended, as `subprocess` says it: minus the number of the signal that killed it.
    """
    child = os.fork()
    if not child:
        status = 1
        try:
            signal.alarm(int(limit))  # or a child that hangs would stay
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _quietly(*words: str) -> bool:
    with suppress(OSError):
        return subprocess.run(words, capture_output=True).returncode == 0
    return False
