"""Looking into sections."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import vl_convert

from allennlp_heads.reports.page.blocks import Chart, HeadGrids, Section, Table
from allennlp_heads.reports.page.run_folder import read_run

Kind = TypeVar("Kind")


def blocks_of(section: Section, kind: type[Kind]) -> list[Kind]:
    """The blocks of a kind, and every chart compiled."""
    for block in section.blocks:
        if isinstance(block, Chart):
            assert vl_convert.vegalite_to_vega(dict(block.spec))["marks"]
    return [block for block in section.blocks if isinstance(block, kind)]


def only(sections: Sequence[Section]) -> Section:
    (section,) = sections
    return section


def sections_of(function: Callable[..., list[Section]], folder: Path) -> list[Section]:
    return function(read_run(str(folder)))


def report_alone(folder: Path, name: str, out: Path, **changed: Any) -> Path:
    """A folder with a copy of one report of a run, and its arrays, with some keys changed."""
    out.mkdir(exist_ok=True)
    for path in (folder / "heads").glob(f"{name}.*"):
        shutil.copy(path, out)
    report = json.loads((out / f"{name}.json").read_text("utf-8")) | changed
    (out / f"{name}.json").write_text(json.dumps(report), encoding="utf-8")
    return out


def content_of(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "heads" / f"{name}.json").read_text("utf-8"))
    return found


def cells(table: Table, column: str) -> list[str]:
    place = list(table.columns).index(column)
    return [row[place] for row in table.rows]


def names(grids: HeadGrids) -> list[str]:
    return [grid.name for grid in grids.grids]
