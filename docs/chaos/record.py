"""
The files of `docs/results/chaos/`; `python -m docs.chaos` writes them.

`faults.json` has these keys:

- `rows`: what was tried, each with `fault`, `part` (a verb, a callback, a file), `came` (what came
  of it), `moments` (how many were tried) and `withstood` (of how many);
- `not_withstood`: names of tests that failed, and `skipped`: test -> reason;
- `tests`, `minutes`, `command`, `hardware`, `versions`, `moments`.

`grid.json` has these:

- `runs`: name -> `tasks`, `seed`, `score` (of the best epoch), `open` (heads), `weights_sha256`,
  `attempts` (with kills) and `differences`: kind -> what is not equal to the bit;
- `kinds`: kind -> in how many of the runs all is equal;
- `kills`: for each `drawn` and `after` (seconds since the start), `processes`, `complete` (runs),
  `running` (run -> `epochs` and the newest `checkpoint`) and `half` (files just being written);
- `left`: temporary files at the end;
- `minutes`: `undisturbed` and `disturbed`;
- `experiment`, `command`, `encoder`, `hardware`, `budget`, `versions`.
"""

from __future__ import annotations

from pathlib import Path

from docs.runs.records import Record, read_json, write_checked

FAULTS, GRID = "faults", "grid"

_EXPLAINED = "docs/chaos/record.py"
_SHARED = ("command", "hardware", "versions", "budget")
KEYS = {
    FAULTS: ("rows", "not_withstood", "skipped", "tests", "minutes", *_SHARED),
    GRID: ("runs", "kinds", "kills", "left", "minutes", "experiment", "encoder", *_SHARED),
}


def read_record(path: Path) -> Record:
    """Raises `ValueError` that names the file and what is missing."""
    # a file that is being written has another ending
    return read_json(path, KEYS[path.stem], _EXPLAINED)


def write_record(path: Path, record: Record) -> None:
    """Raises `ValueError`, and leaves nothing, when it could not be read back."""
    write_checked(path, record, read_record)
