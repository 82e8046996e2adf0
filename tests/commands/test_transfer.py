"""`allennlp heads transfer`, run through AllenNLP's own `main`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from allennlp.commands import main

from allennlp_heads.reports.transfer.matrix import read_matrix
from tests.transfer.grids import grid, written


def test_it_plans_works_and_says_what_helps(
    tiny_bert: str,
    fixtures_root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = written(grid(tiny_bert, fixtures_root, ["pos", "sst2"], restarts=1), tmp_path)
    out = tmp_path / "out"
    command = ["allennlp", "heads", "transfer", file, "-s", str(out)]
    monkeypatch.setattr(sys, "argv", [*command, "--dry-run", "--only", "none.*"])
    main(prog="allennlp")
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "limited_limited: none -> pos, restart 0",
        "limited_limited: none -> sst2, restart 0",
    ]
    assert lines[2].startswith("2 cells to do, 0 done; about") and not out.exists()
    monkeypatch.setattr(sys, "argv", command)
    main(prog="allennlp")
    lines = capsys.readouterr().out.splitlines()
    matrix = read_matrix(out / "limited_limited")
    assert lines == [
        "limited_limited: 4 of 4 cells",
        f"  pos: accuracy {matrix.baseline[0]:.1f} directly, "
        f"{matrix.performance[1, 0]:.1f} after sst2",
        f"  sst2: accuracy {matrix.baseline[1]:.1f} directly, "
        f"{matrix.performance[0, 1]:.1f} after pos",
        f"Written: {out}",
    ]
    monkeypatch.setattr(sys, "argv", [*command, "--json"])
    main(prog="allennlp")
    answer = json.loads(capsys.readouterr().out)
    assert answer["summary"] == lines[:-1]
    assert list(answer["reports"]) == ["limited_limited/transfer.json"]
