"""Several files that appear in a folder together, or not at all."""

from __future__ import annotations

import glob
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from allennlp.common.checks import ConfigurationError

from allennlp_heads.disk.abandoned import runs
from allennlp_heads.disk.uninterrupted import uninterrupted
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
    it was. What a process left that was killed goes the next time.

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
        _remove_abandoned(folder, stem)
        suffix = f".{os.getpid()}.tmp"
        draft = Path(tempfile.mkdtemp(prefix=f".{stem}.", suffix=suffix, dir=folder))
    except OSError as error:
        raise _refused(folder, error, advice) from error
    try:
        yield draft
        files = sorted((path.name for path in draft.iterdir()), key=lambda name: name == report)
        stale = set(_earlier(folder / report, stem, version)) - set(files)
        with uninterrupted():
            for name in files:
                os.replace(draft / name, folder / name)
            for name in stale:
                with suppress(OSError):
                    (folder / name).unlink()
    except OSError as error:
        raise _refused(folder, error, advice) from error
    except ConfigurationError as error:
        # of a file in the draft, which is no place that anybody knows
        if str(draft) not in str(error):
            raise
        raise ConfigurationError(str(error).replace(str(draft), str(folder))) from error
    finally:
        with uninterrupted():
            shutil.rmtree(draft, ignore_errors=True)


def remove_report(folder: str | os.PathLike[str], stem: str, version: int) -> None:
    """
    Delete `<stem>.json` and all that it names under `files`; a file that is no such report stays.
    """
    report = Path(folder) / f"{stem}.json"
    for name in sorted(_earlier(report, stem, version), key=lambda name: name != report.name):
        with suppress(OSError):
            (Path(folder) / name).unlink()


def _remove_abandoned(folder: Path, stem: str) -> None:
    """The drafts of processes that were killed."""
    for draft in folder.glob(f".{glob.escape(stem)}.*.tmp"):
        process = draft.name.split(".")[-2]
        if draft.is_dir() and process.isdecimal() and not runs(int(process)):
            shutil.rmtree(draft, ignore_errors=True)


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
