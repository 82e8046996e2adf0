"""`allennlp heads probe-compare`, run through AllenNLP's own `main`."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from allennlp.commands import main
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.probing import write_probe
from tests.reports.probing.results import probe_result


def compare(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["allennlp", "heads", "probe-compare", *arguments])
    main(prog="allennlp")


@pytest.fixture
def runs(tmp_path: Path) -> dict[str, str]:
    """Without training, and of two seeds, one of which gets everything right."""
    plain = probe_result()
    right = plain.items.correct | True
    items = replace(plain.items, correct=right, one_head=right)
    labels = [replace(label, accuracy=1.0, share=0.9) for label in plain.labels]
    overall = {name: replace(score, accuracy=1.0) for name, score in plain.overall.items()}
    better = replace(plain, items=items, labels=labels, overall=overall)
    found = {"static": (plain, None), "dep.1": (better, 1), "dep.2": (plain, 2)}
    for name, (result, seed) in found.items():
        trained = [] if seed is None else ["dep"]
        about = {"trained_tasks": trained}
        write_probe(tmp_path / name, {"dep": result}, about, seed, figures=False)
    return {name: str(tmp_path / name) for name in found}


def test_it_writes_a_folder_and_says_what_differs(
    runs: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    out = tmp_path / "out"
    groups = [f"STL={runs['dep.1']},{runs['dep.2']}", f"static={runs['static']}"]
    options = ["--reference", "static", "--rounds", "200", "--seed", "4", "-o", str(out)]
    compare(monkeypatch, *groups, *options)
    said = capsys.readouterr().out
    assert "dep, 400 items, each label by its head:" in said and f"Written: {out}" in said
    assert "over 2 runs), +" in said and "against static" in said
    assert "after Holm's correction): nsubj +" in said
    report = json.loads((out / "probe_comparison.json").read_text())
    assert report["seed"] == 4 and report["tasks"]["dep"]["reference"] == "static"
    assert report["runs"]["STL"][1] == {"folder": runs["dep.2"], "seed": 2}
    assert (out / "probe_comparison.png").is_file()
    with pytest.raises(ConfigurationError, match="is there already"):
        compare(monkeypatch, *groups, *options)
    compare(monkeypatch, runs["static"], runs["dep.2"], "--rounds", "9", "-o", str(out), "-f")
    said = capsys.readouterr().out
    assert "  static: " in said and "  dep: " in said and "differ" not in said


@pytest.mark.parametrize(
    "options, message",
    [
        (["--reference", "MTL"], "there is no group 'MTL'"),
        (["--task", "pos"], "the task 'pos' was probed in no group"),
    ],
)
def test_nothing_half_written(
    runs: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    message: str,
) -> None:
    out = str(tmp_path / "out")
    with pytest.raises(ConfigurationError, match=message):
        compare(monkeypatch, runs["static"], runs["dep.1"], "-o", out, *options)
    assert not Path(out).exists()


def test_other_items(runs: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    write_probe(other, {"dep": probe_result(seed=9)}, {"trained_tasks": []}, 1, figures=False)
    with pytest.raises(ConfigurationError, match="task 'dep': run 1 of 'B' was scored on other"):
        compare(monkeypatch, f"A={runs['static']}", f"B={other}", "-o", str(tmp_path / "out"))


def test_other_questions(
    runs: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, out = tmp_path / "other", tmp_path / "out"
    plain = probe_result()
    asked = replace(plain, options={**plain.options, "direction": "to_head"})
    write_probe(other, {"dep": asked}, {"trained_tasks": []}, 1, figures=False)
    message = (
        "task 'dep': run 2 of 'B' .* the first of 'A': 'direction' is 'to_head' and not 'either'"
    )
    with pytest.raises(ConfigurationError, match=message) as caught:
        compare(monkeypatch, f"A={runs['static']}", f"B={runs['dep.1']},{other}", "-o", str(out))
    assert f"A: {runs['static']}; B: {runs['dep.1']}, {other}" in str(caught.value)
    assert not out.exists()


def test_damaged_numbers(
    runs: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(runs["dep.1"]) / "probe.json"
    report = json.loads(path.read_text())
    report["tasks"]["dep"]["labels"][0]["accuracy"] = "1.0"
    path.write_text(json.dumps(report))
    with pytest.raises(ConfigurationError, match=r"labels\[0\].accuracy is '1.0', not a number"):
        compare(monkeypatch, runs["static"], runs["dep.1"], "-o", str(tmp_path / "out"))
