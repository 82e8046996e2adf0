"""What is kept of the measurements under masks: the same on every machine."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from allennlp_heads.data.paths import VARIABLE, data_folder
from allennlp_heads.reports.dissociation import STEM
from docs.runs.records import read_json, write_checked

_FILES = ("data_files", "selection_files")


def keep_masks(source: Path, target: Path) -> None:
    """
    Copy what `allennlp heads dissociate` wrote and its tables can be made of again, without the
    names of folders that only this machine has: the archive is called as `target` is, and the
    importance after its folder's own name.
    """
    report: dict[str, Any] = json.loads((source / f"{STEM}.json").read_text("utf-8"))
    for run in report["runs"]:
        run["name"] = target.name
    report["selection"]["source"] = Path(report["selection"]["source"]).name
    for files in _FILES:
        report[files] = {_portable(path): digest for path, digest in report[files].items()}
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / f"{STEM}.npz", target / f"{STEM}.npz")
    write_checked(target / f"{STEM}.json", report, _read)


def _portable(path: str) -> str:
    return path.replace(str(data_folder()), f"${{{VARIABLE}}}", 1)


def _read(path: Path) -> dict[str, Any]:
    return read_json(path, ("schema", "runs"), "docs/specialization/record.py")
