"""`allennlp heads report`, run through AllenNLP's own `main`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from allennlp.commands import main
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.files import write_report
from allennlp_heads.reports.page import document


@pytest.fixture(autouse=True)
def no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "vega_bundle", lambda: "/* the bundle */")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"random_seed": 5}))
    for epoch in range(2):
        metrics = {"epoch": epoch, "training_loss": 1.0 - epoch / 2, "validation_loss": 1.0}
        (folder / f"metrics_epoch_{epoch}.json").write_text(json.dumps(metrics))
    return folder


def report(monkeypatch: pytest.MonkeyPatch, *arguments: Any) -> None:
    given = ["allennlp", "heads", "report", *map(str, arguments)]
    monkeypatch.setattr(sys, "argv", given)
    main(prog="allennlp")


def test_it_writes_a_page_of_the_runs(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    page = tmp_path / "new" / "report.html"
    report(monkeypatch, run, f"again & again={run}", "-o", page, "--title", "Two <b>runs</b>")
    text = page.read_text("utf-8")
    assert "<title>Two &lt;b&gt;runs&lt;/b&gt;</title>" in text
    assert 'id="run-2-title"><bdi>again &amp; again</bdi>' in text
    assert capsys.readouterr().out == f"Written: {page}\n"
    assert [path.name for path in page.parent.iterdir()] == ["report.html"]
    report(monkeypatch, run, "-o", page, "-f")
    assert "Attention heads: run" in page.read_text("utf-8")
    with pytest.raises(ConfigurationError, match="is there already.*--force"):
        report(monkeypatch, run, "-o", page)


def test_places_that_cannot_be_written_are_told_first(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigurationError, match=r"is a folder: give a file, as -o .*report\.html"):
        report(monkeypatch, run, "-o", run)
    with pytest.raises(ConfigurationError, match="cannot be written"):
        report(monkeypatch, "nowhere", "-o", run / "config.json" / "report.html")


def test_a_report_that_is_cut_short_is_named_and_no_page_is_written(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(run / "heads" / "gates.json", "gates", 1, {"epochs": [{}]})
    with pytest.raises(ConfigurationError, match="run"):
        report(monkeypatch, run, "-o", tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()
