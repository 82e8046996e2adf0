"""Unpacking an archive of other people: nothing leaves its folder, and its size is bounded."""

from __future__ import annotations

import gzip
import os
import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.lines import one_line

PathLike = str | os.PathLike[str]

MOST_TIMES, ALWAYS = 100, 2**28
"""
An archive may hold this many times its own bytes, and this many bytes in any case. Weights hardly
shrink when packed; what shrinks more is there to fill a disk.
"""
MOST_MEMBERS = 10_000
_LONGEST_HEADER = 2**16
_DAMAGED = (
    tarfile.TarError,
    OSError,
    zlib.error,
    EOFError,
    ValueError,  # of numbers in headers, and of null bytes in names
    LookupError,
    RecursionError,  # of headers that announce headers
)


def unpack(archive: PathLike, folder: PathLike) -> None:
    """
    Write the files of an archive into a folder.

    # Parameters

    archive : `PathLike`
        A `.tar.gz` file.
    folder : `PathLike`
        An empty folder.

    Raises `ConfigurationError` for an archive that is damaged, has a path that leads out of it, has
    anything but files, folders and links to files before them, has more than `MOST_MEMBERS` of
    these, or is a bomb: larger unpacked than `ALWAYS` bytes and `MOST_TIMES` its own size.
    """
    most = max(ALWAYS, MOST_TIMES * os.stat(archive).st_size)
    try:
        with gzip.open(archive) as packed:
            stream = _Bounded(packed)
            with tarfile.TarFile(fileobj=cast(BinaryIO, stream)) as tar:
                _unpack_all(archive, tar, stream, Path(folder), most)
            _read_checksum(packed, most)
    except _DAMAGED as error:
        raise ConfigurationError(
            one_line(
                f"the archive {archive} cannot be unpacked (damaged, no model.tar.gz, or no space "
                f"for temporary files): {error}. Copy it again, or write it again: go on with its "
                "training (--recover)"
            )
        ) from error


def _unpack_all(
    archive: PathLike, tar: tarfile.TarFile, stream: _Bounded, folder: Path, most: int
) -> None:
    left = most
    for number, member in enumerate(tar):
        tar.members.clear()  # type: ignore[attr-defined]  # or all headers would stay in memory
        if number >= MOST_MEMBERS:
            raise _refused(archive, f"it has more than {MOST_MEMBERS} files and folders")
        target = _inside(folder, member.name, archive)
        source = _inside(folder, member.linkname, archive) if member.islnk() else None
        left -= _size(archive, member, source)
        if left < 0:
            raise _refused(
                archive,
                f"unpacked it has more than {most / 2**20:.0f} MB, over {MOST_TIMES} times its own "
                "size",
            )
        stream.is_header = False
        if member.isdir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(tar, member, source, target)
        stream.next_header()


def _read_checksum(packed: gzip.GzipFile, most: int) -> None:
    """
    Read on behind the last file: the checksum of all that was unpacked comes at the very end, and
    without it a bit that was flipped in the weights goes unnoticed.
    """
    while block := packed.read(2**16):
        most -= len(block)
        if most < 0:
            raise tarfile.ReadError("it goes on after its last file")


def _size(archive: PathLike, member: tarfile.TarInfo, source: Path | None) -> int:
    """The bytes that the member will take."""
    if source is not None:
        # a hard link stands for the content of a member before it, never for a file of this machine
        if not source.is_file():
            raise _refused(archive, f"'{member.name}' is a link to no file before it")
        return source.stat().st_size
    if not (member.isreg() or member.isdir()) or member.issparse():
        raise _refused(archive, f"'{member.name}' is neither a file nor a folder")
    if member.size < 0:
        raise tarfile.ReadError(f"'{member.name}' has {member.size} bytes")
    return member.size


def _write(
    tar: tarfile.TarFile, member: tarfile.TarInfo, source: Path | None, target: Path
) -> None:
    if source is not None:
        if source != target:
            shutil.copyfile(source, target)
        return
    content = tar.extractfile(member)
    assert content is not None, "only of what is no file"
    with content, open(target, "wb") as file:
        shutil.copyfileobj(content, file)


def _inside(folder: Path, name: str, archive: PathLike) -> Path:
    inside = PurePosixPath(name)
    if inside.is_absolute() or ".." in inside.parts:
        raise _refused(archive, f"its path '{name}' leads out of it")
    return folder / inside


def _refused(archive: PathLike, reason: str) -> ConfigurationError:
    return ConfigurationError(one_line(f"the archive {archive} is refused: {reason}"))


class _Bounded:
    """
    What `tarfile` reads from, with an end to headers: a header can announce a longer one of any
    length, which `tarfile` would read into memory.
    """

    def __init__(self, stream: gzip.GzipFile) -> None:
        self._stream = stream
        self.next_header()

    def next_header(self) -> None:
        """What is read from here on is the header of the next member."""
        self.is_header = True
        self._left = _LONGEST_HEADER

    def read(self, size: int) -> bytes:
        if self.is_header:
            self._left -= size
            if not 0 <= self._left or size < 0:
                raise tarfile.ReadError(f"a header of more than {_LONGEST_HEADER} bytes")
        return self._stream.read(size)

    def seek(self, place: int) -> int:
        return self._stream.seek(place)

    def tell(self) -> int:
        return self._stream.tell()

    def seekable(self) -> bool:
        return True
