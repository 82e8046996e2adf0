"""The page of files has every schema, version and key that is written, and no others."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from allennlp_heads.grid import summary as grid
from allennlp_heads.reports import search
from allennlp_heads.reports.page.run_folder import VERSIONS
from allennlp_heads.transfer.applied_parts import PART
from allennlp_heads.transfer.store import CELL, GRID
from allennlp_heads.validation import validate as validation
from tests.docs.blocks import ROOT
from tests.reports.page.specimens import LARGE, write_all

PAGE = (ROOT / "docs" / "files.md").read_text("utf-8")
PACKAGE = ROOT / "allennlp_heads"
_HEADING = re.compile(r"^## `(\w+)`, version (\d+)$", re.MULTILINE)


def described() -> dict[str, tuple[int, set[str]]]:
    """By schema its version and the keys of its table."""
    parts = _HEADING.split(PAGE)[1:]
    found = {}
    for name, version, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        cells = re.findall(r"^\| (`.*?) \|", text.split("\n## ")[0], re.MULTILINE)
        found[name] = int(version), {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}
    return found


def common() -> set[str]:
    """The keys with which all files begin."""
    return set(re.findall(r"^\| `(\w+)` \|", _HEADING.split(PAGE)[0], re.MULTILINE))


def schemas_in(folder: Path) -> list[dict[str, Any]]:
    """All reports below a folder."""
    read = [json.loads(path.read_text("utf-8")) for path in sorted(folder.rglob("*.json"))]
    return [one for one in read if isinstance(one, dict) and isinstance(one.get("schema"), dict)]


def check_reports_below(folder: Path) -> set[str]:
    """Every report has nothing but described keys; which schemas these were."""
    pages = described()
    for report in schemas_in(folder):
        name = report["schema"]["name"]
        version, keys = pages[name]
        assert report["schema"] == {"name": name, "version": version}
        assert report.keys() - common() <= keys, name
    return {report["schema"]["name"] for report in schemas_in(folder)}


def test_no_schema_is_missing() -> None:
    names = dict([*VERSIONS.items(), CELL, GRID, PART, (grid.SCHEMA, grid.VERSION)])
    names[search.SCHEMA] = search.VERSION
    # what nothing in the package writes, or the page of reports does not know, is found here
    written = set()
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text("utf-8")
        if "write_report(" in text or "SCHEMA" in text:
            written |= set(re.findall(r'^(?:SCHEMA|NAME)\b.*?= \(?"(\w+)", \d', text, re.MULTILINE))
    assert names.keys() <= written | {CELL[0], GRID[0], PART[0]}
    names["validation"] = validation_version()
    assert written <= names.keys()
    assert {name: version for name, (version, _) in described().items()} == names


def validation_version() -> int:
    document = validation("nowhere.jsonnet").as_dict()
    assert document.keys() - {"schema"} == described()["validation"][1]
    return int(document["schema"]["version"])


def test_keys_are_those_of_written_files(tmp_path: Path) -> None:
    write_all(tmp_path, LARGE)
    assert check_reports_below(tmp_path) == VERSIONS.keys()


@pytest.mark.parametrize("name", sorted(described()))
def test_described_keys_are_written_somewhere(name: str) -> None:
    source = "".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))
    for key in described()[name][1]:
        # as a key, a field or an argument
        assert re.search(rf'"{key}"|^    {key}: |\b{key}=', source, re.MULTILINE), key


def test_contents_link_to_their_sections() -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        for anchor in re.findall(r"files\.md#([\w-]+)", page.read_text("utf-8")):
            name, _, version = anchor.rpartition("-version-")
            assert described()[name][0] == int(version), f"{page.name}: {anchor}"
