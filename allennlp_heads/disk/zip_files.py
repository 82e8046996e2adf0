"""Whether a zip file, as NumPy's and torch's files are, is all that was written."""

from __future__ import annotations

import os
import struct
import zipfile

_END = struct.Struct("<4s4H2LH")
"""The record at the very end, which counts the files: signature, disks, files, size, place."""
_FOLDER = 0x10
"""Attribute of folders, which torch does not read: what was in memory becomes the tensor."""


def zip_damage(path: str | os.PathLike[str]) -> str | None:
    """
    What is wrong with a zip file without a comment, `None` if nothing is.

    Contents are compared with their checksums, and the list of contents with its count: a damaged
    byte in the list can hide all that stands behind it.

    Raises `OSError` when it cannot be opened, and whatever `zipfile` raises for a damaged file.
    """
    with open(path, "rb") as file:
        with zipfile.ZipFile(file) as archive:
            damaged = archive.testzip()
            parts = archive.infolist()
        file.seek(-_END.size, os.SEEK_END)
        counted = _END.unpack(file.read())[4]
    if damaged is not None:
        return f"checksum of {damaged}"
    # 0xFFFF: there are more, and counted elsewhere
    if counted not in (len(parts), 0xFFFF):
        return f"it has {len(parts)} of {counted} parts"
    folders = [part.filename for part in parts if part.external_attr & _FOLDER]
    return f"{folders[0]} passes for a folder" if folders else None
