"""What a verb says at its end."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from allennlp_heads.commands.answer import write_answer


def test_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    write_answer(argparse.Namespace(json=False), ["one\ntwo\n", "three"], Path("out"), ["a.json"])
    assert capsys.readouterr().out == "one\ntwo\nthree\nWritten: out\n"


def test_for_a_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.json").write_text('{"schema": "a", "task": "משימה"}', "utf-8")
    write_answer(argparse.Namespace(json=True), iter(["one\ntwo"]), tmp_path, ["a.json"])
    assert json.loads(capsys.readouterr().out) == {
        "written": str(tmp_path),
        "summary": ["one", "two"],
        "reports": {"a.json": {"schema": "a", "task": "משימה"}},
    }


def test_nothing_written(capsys: pytest.CaptureFixture[str]) -> None:
    for as_json in (False, True):
        write_answer(argparse.Namespace(json=as_json), ["to do: 3"], None, ["a.json"])
    lines, document = capsys.readouterr().out.split("\n", 1)
    assert lines == "to do: 3" and json.loads(document)["written"] is None
