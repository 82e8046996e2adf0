"""A folder that appears whole or not at all."""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from allennlp.common.checks import ConfigurationError


@contextmanager
def whole_folder(out: Path, force: bool, never_delete: Sequence[Path]) -> Iterator[Path]:
    """
    Hand out a draft folder beside `out`, which takes its place when the block ends well. After any
    exception, Ctrl-C included, the draft is gone and `out` is as it was.

    # Parameters

    out : `Path`
    force : `bool`
        Replace a folder that is there; it goes only when the new one is complete.
    never_delete : `Sequence[Path]`
        Files that may not lie in a folder that is replaced.

    Raises `ConfigurationError` where `out` exists already or cannot be written.
    """
    _check(out, force, never_delete)
    # of this process alone: another one may be writing to the same place
    draft, old = (out.with_name(f".{out.name}.{os.getpid()}.{kind}") for kind in ("draft", "old"))
    made = [folder for folder in out.parents if not folder.exists()]
    try:
        with _writing(out):
            _remove_abandoned(out)
            out.parent.mkdir(parents=True, exist_ok=True)
            draft.mkdir()
            yield draft
            _replace(out, draft, old)
    except BaseException:
        _remove(draft)
        for folder in made:  # the innermost first
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        raise
    _remove(old)


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigurationError(
            f"cannot write {out}: {error.strerror or error}. Free space there or choose another "
            "folder with -o; nothing half-written was left behind"
        ) from error


def _check(out: Path, force: bool, never_delete: Sequence[Path]) -> None:
    if not os.path.lexists(out) or (out.is_dir() and not any(out.iterdir())):
        return
    if out.is_symlink() or not out.is_dir():
        raise ConfigurationError(f"{out} is there already and no folder: choose another with -o")
    inside = [path for path in never_delete if path.resolve().is_relative_to(out.resolve())]
    if inside:
        raise ConfigurationError(
            f"{inside[0]} lies in the folder {out}, which would be replaced: choose another with -o"
        )
    if not force:
        raise ConfigurationError(
            f"the folder {out} is there already: choose another with -o, or replace it with --force"
        )


def _replace(out: Path, draft: Path, old: Path) -> None:
    if not out.exists():
        os.rename(draft, out)
        return
    _remove(old)
    os.rename(out, old)
    try:
        os.rename(draft, out)
    except BaseException:
        os.rename(old, out)
        raise


def _remove_abandoned(out: Path) -> None:
    """Drafts of processes that were killed."""
    for draft in out.parent.glob(f".{glob.escape(out.name)}.*.draft"):
        process = draft.name.split(".")[-2]
        if process.isdecimal() and not _runs(int(process)):
            _remove(draft)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return process != os.getpid()


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
