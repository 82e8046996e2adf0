"""Several files that appear in a folder together, or not at all."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.files import read_report


@contextmanager
def drafted(
    folder: str | os.PathLike[str],
    stem: str,
    version: int,
    advice: str = "Choose another folder",
) -> Iterator[Path]:
    """
    An empty folder inside `folder`; what the block writes into it moves to `folder` when the block
    ends well, `<stem>.json` last, since it speaks of the others. What an earlier `<stem>.json`
    names under `files`, and the new one has not, is deleted. When the block fails, `folder` is as
    it was.

    # Parameters

    folder : `PathLike`
        Made where it is missing.
    stem : `str`
        Name of the report, and of its schema.
    version : `int`
        Of the schema.
    advice : `str`, optional (default = `"Choose another folder"`)
        For a user whose folder cannot be written.

    Raises `ConfigurationError` when the file system refuses.
    """
    folder, report = Path(folder), f"{stem}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{stem}.", suffix=".tmp", dir=folder))
    except OSError as error:
        raise _refused(folder, error, advice) from error
    try:
        yield draft
        files = sorted((path.name for path in draft.iterdir()), key=lambda name: name == report)
        stale = set(_earlier(folder / report, stem, version)) - set(files)
        for name in files:
            os.replace(draft / name, folder / name)
    except OSError as error:
        raise _refused(folder, error, advice) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    for name in stale:
        with suppress(OSError):
            (folder / name).unlink()


def remove_report(folder: str | os.PathLike[str], stem: str, version: int) -> None:
    """
    Delete `<stem>.json` and all that it names under `files`; a file that is no such report stays.
    """
    report = Path(folder) / f"{stem}.json"
    for name in sorted(_earlier(report, stem, version), key=lambda name: name != report.name):
        with suppress(OSError):
            (Path(folder) / name).unlink()


def _refused(folder: Path, error: OSError, advice: str) -> ConfigurationError:
    return ConfigurationError(
        f"cannot write into {folder}: {error.strerror or error}. {advice}; nothing half-written "
        "was left behind"
    )


def _earlier(report: Path, stem: str, version: int) -> list[str]:
    """The files that a report names, as far as their names are those of its own files."""
    try:
        files = read_report(report, stem, version).get("files")
    except ConfigurationError:
        return []
    names = files if isinstance(files, list) else []
    return [name for name in names if re.fullmatch(rf"{stem}[^/\\]*", str(name))]
