"""`allennlp heads overlap`, run through AllenNLP's own `main`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from allennlp.commands import main
from allennlp.common.checks import ConfigurationError

from tests.reports.gate_runs import write_groups


def overlap(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["allennlp", "heads", "overlap", *arguments])
    main(prog="allennlp")


def test_it_writes_a_folder_and_says_the_main_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = write_groups(tmp_path / "runs", ["pos", "dep"], 2, (2, 3))
    options = ["--names", "Tags", "Trees", "--threshold", "0.5", "--rounds", "20", "--seed", "3"]
    overlap(monkeypatch, *folders, "-o", str(tmp_path / "out"), *options)
    out = capsys.readouterr().out
    assert (
        "Tags: " in out and "2 runs, r between runs" in out and "claimed by all of 2 tasks" in out
    )
    assert out.endswith(f"Written: {tmp_path / 'out'}\n")
    report = json.loads((tmp_path / "out" / "overlap.json").read_text())
    assert [group["name"] for group in report["groups"]] == ["Tags", "Trees"]
    assert (report["threshold"], report["draws"], report["seed"]) == (0.5, 20, 3)
    with pytest.raises(ConfigurationError, match=r"overlap\.json is there already"):
        overlap(monkeypatch, *folders, "-o", str(tmp_path / "out"))
    overlap(monkeypatch, *folders, "-o", str(tmp_path / "out"), "-f", "--json", *options)
    assert json.loads(capsys.readouterr().out)["reports"] == {"overlap.json": report}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--threshold", "1"], "--threshold"),
        (["--names", "a", "b"], "--names must give 1"),
    ],
)
def test_options_that_make_no_sense(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], message: str
) -> None:
    folders = write_groups(tmp_path / "runs", ["pos"], 1, (2, 3))
    with pytest.raises(ConfigurationError, match=message):
        overlap(monkeypatch, *folders, "-o", str(tmp_path / "out"), *options)
    assert not (tmp_path / "out").exists()


def test_a_run_without_gates_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = write_groups(tmp_path / "runs", ["pos"], 1, (2, 3))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigurationError, match="a run without gates"):
        overlap(monkeypatch, *folders, str(tmp_path / "empty"), "-o", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()
