"""`allennlp heads similarity`, run through AllenNLP's own `main`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from allennlp.commands import main
from allennlp.common.checks import ConfigurationError

from tests.reports.test_task_similarity import D, dissociation, table


def similarity(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["allennlp", "heads", "similarity", *arguments])
    main(prog="allennlp")


def test_it_writes_a_folder_and_says_the_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = dissociation(tmp_path, D), tmp_path / "out"
    similarity(monkeypatch, folder, "--similarity", table(tmp_path), "-o", str(out))
    line, written = capsys.readouterr().out.splitlines()
    assert "6 pairs of 4 tasks" in line and "24 permutations of the tasks (all)" in line
    assert written == f"Written: {out}"
    assert {path.suffix for path in out.iterdir()} == {".json", ".png", ".svg"}
    again = [folder, "--similarity", table(tmp_path), "-o", str(out)]
    with pytest.raises(ConfigurationError, match="is there already"):
        similarity(monkeypatch, *again)
    similarity(monkeypatch, *again, "--force", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert answer["summary"] == [line] and list(answer["reports"]) == ["task_similarity.json"]


def test_what_goes_wrong_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, file = dissociation(tmp_path, D), table(tmp_path)
    words = [folder, "--similarity", file, "-o", str(tmp_path / "out")]
    with pytest.raises(ConfigurationError, match="a, x"):
        similarity(monkeypatch, *words, "--task", "a", "--task", "x")
    assert not (tmp_path / "out").exists()
