"""Whether an archive is all that was written."""

from __future__ import annotations

import gzip
import os
import tarfile
import zlib

_BLOCK = 1 << 20
_END = bytes(2 * tarfile.BLOCKSIZE)


def archive_damage(path: str | os.PathLike[str]) -> str | None:
    """
    What is wrong with a `.tar.gz` file, `None` if nothing is: it is read to its end, where its
    checksum stands and, in the tar file inside, two empty blocks.

    Raises `OSError` when it cannot be opened.
    """
    last = b""
    with open(path, "rb") as file:
        try:
            with gzip.open(file) as packed:
                while block := packed.read(_BLOCK):
                    last = (last + block)[-len(_END) :]
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            return str(error)
    return None if last == _END else "it breaks off"
