"""A folder that appears whole or not at all."""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from allennlp.common.checks import ConfigurationError

from allennlp_heads.disk.abandoned import runs
from allennlp_heads.disk.uninterrupted import uninterrupted


@contextmanager
def whole_folder(out: Path, force: bool, never_delete: Sequence[Path]) -> Iterator[Path]:
    """
    Hand out a draft folder beside `out`, which takes its place when the block ends well. After any
    exception, Ctrl-C included, the draft is gone and `out` is as it was. After a kill it is so as
    soon as the same folder is to be written again.

    # Parameters

    out : `Path`
    force : `bool`
        Replace a folder that is there; it goes only when the new one is complete.
    never_delete : `Sequence[Path]`
        Files that may not lie in a folder that is replaced.

    Raises `ConfigurationError` where `out` exists already or cannot be written.
    """
    with _writing(out):
        _clear_up(out)
    _check(out, force, never_delete)
    # of this process alone: another one may be writing to the same place
    draft, old = (out.with_name(f".{out.name}.{os.getpid()}.{kind}") for kind in ("draft", "old"))
    made = [folder for folder in out.parents if not folder.exists()]
    try:
        with _writing(out, draft):
            out.parent.mkdir(parents=True, exist_ok=True)
            draft.mkdir()
            yield draft
            with uninterrupted():
                _replace(out, draft, old)
                _remove(old)
    except BaseException:
        with uninterrupted():
            _remove(draft)
        for folder in made:  # the innermost first
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        raise


@contextmanager
def _writing(out: Path, draft: Path | None = None) -> Iterator[None]:
    try:
        yield
    except ConfigurationError as error:
        # of a file in the draft, which is no place that anybody knows
        if draft is None or str(draft) not in str(error):
            raise
        raise ConfigurationError(str(error).replace(str(draft), str(out))) from error
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


def _clear_up(out: Path) -> None:
    """What processes left that were killed: drafts go, and what was moved aside comes back."""
    for left in out.parent.glob(f".{glob.escape(out.name)}.*"):
        process, kind = left.name.split(".")[-2:]
        if kind not in ("draft", "old") or not process.isdecimal() or runs(int(process)):
            continue
        if kind == "old" and not os.path.lexists(out):
            os.rename(left, out)
        else:
            _remove(left)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
