"""What a page of several folders is made of."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.files import write_report
from allennlp_heads.reports.page import document, pages
from allennlp_heads.reports.page.pages import page_of
from allennlp_heads.reports.page.run_folder import read_run


@pytest.fixture(autouse=True)
def no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "vega_bundle", lambda: "/* the bundle */")


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    """A run, and a folder of which only the versions are known."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json").write_text(json.dumps({"random_seed": 5}))
    write_report(tmp_path / "analysis" / "cell.json", "similarity_of_nothing", 1, {})
    write_report(tmp_path / "analysis" / "phases.json", "task_embedding", 1, {"task": "pos"})
    return [str(tmp_path / "run"), str(tmp_path / "analysis")]


def test_folders_of_verbs_are_named_last_and_folded(
    folders: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "sections_of_all", lambda runs: [])
    page = page_of([read_run(folder) for folder in folders])
    titles = re.findall(r'<h2 id="[\w-]+"><bdi>(.*?)</bdi>', page)
    assert titles == ["run", "Folders of analyses"]
    assert "<summary><h3>analysis</h3></summary>" in page


def test_the_title_names_the_runs(folders: list[str]) -> None:
    run = read_run(folders[0])
    assert "<title>Attention heads: run</title>" in page_of([run])
    assert "<title>Mine</title>" in page_of([run], "Mine")
    four = [read_run(f"r{number}={folders[0]}") for number in range(4)]
    assert "<title>Attention heads: r0, r1, r2 and others</title>" in page_of(four)


def test_nothing_to_show_is_said(folders: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sections_of_all", "sections_of_run"):
        monkeypatch.setattr(pages, name, lambda runs: [])
    with pytest.raises(ConfigurationError, match=r"nothing of .*run can be shown"):
        page_of([read_run(folders[0])])


def test_a_damaged_report_is_said_with_its_folder(
    folders: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(run: object) -> list[object]:
        raise KeyError("epochs")

    monkeypatch.setattr(pages, "sections_of_run", broken)
    with pytest.raises(ConfigurationError, match=r"run cannot be shown.*KeyError: 'epochs'"):
        page_of([read_run(folders[0])])
