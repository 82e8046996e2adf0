"""`allennlp heads compare`, run through AllenNLP's own `main`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from allennlp.commands import main
from allennlp.common.checks import ConfigurationError

from tests.reports.comparing.made_runs import some_counts, write_run


def compare(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["allennlp", "heads", "compare", *arguments])
    main(prog="allennlp")


@pytest.fixture
def runs(tmp_path: Path) -> list[str]:
    """pos alone with two seeds and with dep with one, which gets almost everything right."""
    found = [
        write_run(tmp_path / f"pos.{seed}", {"pos": some_counts(seed)}, seed) for seed in (1, 2)
    ]
    both = {"pos": some_counts(3, right=0.99), "dep": some_counts(4)}
    return [*found, write_run(tmp_path / "both.1", both, 1)]


def test_it_writes_a_folder_and_says_what_differs(
    runs: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    out = tmp_path / "out"
    compare(monkeypatch, *runs, "-o", str(out), "--rounds", "200", "--seed", "4")
    said = capsys.readouterr().out
    assert "pos, accuracy of 30 examples, differences to pos:\n  pos      " in said
    assert (
        "(2 seeds)" in said
        and "  pos+dep  " in said
        and "p = 0.005, after Holm 0.005" in (said.replace("\N{NO-BREAK SPACE}", " "))
    )
    assert "dep, accuracy of 30 examples:\n" in said and "no run trains alone" in said
    assert said.endswith(f"Written: {out}\n")
    report = json.loads((out / "comparison.json").read_text())
    assert (report["seed"], report["rounds"], report["epoch"]) == (4, 200, "best")
    assert report["notes"] and report["skipped"] == []
    with pytest.raises(ConfigurationError, match="is there already"):
        compare(monkeypatch, *runs, "-o", str(out))
    again = ["-f", "--task", "pos", "--metric", "pos=f1", "--reference", "pos+dep"]
    compare(monkeypatch, *runs, "-o", str(out), "--rounds", "9", *again)
    said = capsys.readouterr().out
    assert "pos, f1 of 30 examples, differences to pos+dep:\n  pos+dep" in said
    assert "dep, " not in said


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--metric", "exact_match"], "--metric exact_match: write TASK=METRIC"),
        (["--task", "ner"], "no run has scores of ner"),
        (["--reference", "MTL"], "--reference MTL: give NAME or TASK=NAME"),
        (["--data", "test"], r"scores.test.json is missing\): score it with 'allennlp evaluate"),
    ],
)
def test_nothing_half_written(
    runs: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    message: str,
) -> None:
    out = tmp_path / "out"
    with pytest.raises(ConfigurationError, match=message):
        compare(monkeypatch, *runs, "-o", str(out), *options)
    assert not out.exists()


def test_unfinished_runs(
    runs: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    cut = write_run(tmp_path / "both.2", {"pos": some_counts(5)}, 2, finished=False)
    out = str(tmp_path / "out")
    with pytest.raises(ConfigurationError, match=f"{cut}: the run is not finished"):
        compare(monkeypatch, *runs, cut, "-o", out)
    compare(monkeypatch, *runs, cut, "-o", out, "--skip-unfinished", "--rounds", "9")
    assert f"Left out, since they are not finished: {cut}." in capsys.readouterr().out
