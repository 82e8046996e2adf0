"""The folder that a verb writes its report into, beside other reports."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from allennlp.common.checks import ConfigurationError


def report_folder(output: str | None, sources: Sequence[str], stem: str, force: bool) -> Path:
    """
    # Parameters

    output : `str`, optional
        What the user gave with `-o`.
    sources : `Sequence[str]`
        What the report is of. Without `output` that of a single training goes into its `heads/`.
    stem : `str`
        The report is `<stem>.json`.
    force : `bool`
        Whether a report that is there may be replaced.

    # Returns

    `Path`

    Raises `ConfigurationError` where no folder is meant, it cannot be written, or the report is
    there already.
    """
    if output is not None:
        folder = Path(output)
    elif len(sources) == 1 and Path(sources[0]).is_dir():
        folder = Path(sources[0]) / "heads"
    else:
        raise ConfigurationError("give a folder to write into: -o OUT")
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise ConfigurationError(f"{folder} cannot be written: choose another folder with -o")
    report = folder / f"{stem}.json"
    if report.exists() and not force:
        raise ConfigurationError(
            f"{report} is there already: choose another folder with -o, or replace it with --force"
        )
    return folder
