"""`allennlp heads fewshot`, run through AllenNLP's own `main`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from allennlp.commands import main

from tests.fewshot.experiments import texts, written


def test_it_trains_writes_a_folder_and_says_the_table(
    tiny_bert: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    starts = {"one": {"transformer_model": tiny_bert}, "two": {"transformer_model": tiny_bert}}
    config = texts(tiny_bert, tmp_path, starts) | {"per_class": True}
    out = tmp_path / "out"
    arguments = ["allennlp", "heads", "fewshot", written(config, tmp_path), "-s", str(out)]
    monkeypatch.setattr(sys, "argv", arguments)
    main(prog="allennlp")
    printed = capsys.readouterr().out
    assert printed.startswith("| start | 2 |\n") and "2 of each class" not in printed
    assert printed.endswith(f"Written: {out}\n")
    assert printed.startswith((out / "fewshot.md").read_text())
    report = json.loads((out / "fewshot.json").read_text())
    # the same start twice: the same scores
    assert report["scores"]["one"] == report["scores"]["two"]
    assert report["comparisons"][0]["p_value"] == 1 and report["majority"] == 0.75
