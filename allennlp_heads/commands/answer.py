"""What a verb says when it is done."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path


def write_answer(
    args: argparse.Namespace,
    lines: Iterable[str],
    written: str | os.PathLike[str] | None,
    reports: Iterable[str] = (),
) -> None:
    """
    Writes the answer of a verb to standard output, and nothing else: lines for a person, of which
    the last says where the files are, or with `--json` one document with the keys `written` (the
    place, or null), `summary` (the lines) and `reports` (by name, what the JSON files say).

    # Parameters

    args : `argparse.Namespace`
        With `json`.
    lines : `Iterable[str]`
    written : `PathLike`, optional
        The folder or file that was written, if one was.
    reports : `Iterable[str]`, optional (default = `()`)
        Names of JSON files in the folder.
    """
    said = [line for part in lines for line in part.splitlines()]
    if not args.json:
        ending = [] if written is None else [f"Written: {written}"]
        sys.stdout.write("\n".join([*said, *ending, ""]))
        return
    found = {} if written is None else {name: _read(Path(written) / name) for name in reports}
    place = None if written is None else os.fspath(written)
    answer = {"written": place, "summary": said, "reports": found}
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")


def _read(path: Path) -> object:
    return json.loads(path.read_text("utf-8"))
