"""What the benchmark of reading questions compares, without its clock."""

import importlib.util
from pathlib import Path

import pytest

import benchmarks.squad_reading as squad_reading
from benchmarks.squad_reading import SETTINGS, Windows, count, ours, peer
from tests.data.dataset_readers.squad_files import document, qa, write

CONTEXT = "the old dog saw a small cat in the garden . " * 4
SMALL = Windows(32, 8, 10, 11)


@pytest.fixture
def path(tmp_path: Path) -> str:
    questions = [qa(name, ("cat", CONTEXT.index("cat"))) for name in ("a", "b", "c")]
    return write(tmp_path / "x.json", document(*questions, context=CONTEXT))


def test_windows_are_counted(path: str, tiny_bert: str) -> None:
    reader = ours(tiny_bert, SMALL)
    windows = sum(len(one["tokens"]) for one in reader.read(path))  # type: ignore[arg-type]
    assert count(reader, path) == (3, windows) and windows > 6
    assert count(ours(tiny_bert, SETTINGS["default windows"]), path) == (3, 3)


def test_the_default_windows_are_the_default(tiny_bert: str) -> None:
    reader = ours(tiny_bert, SETTINGS["default windows"])
    assert (reader.max_length, reader.stride, reader.max_question_length) == (384, 128, 64)


def test_without_the_peer_it_is_skipped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert squad_reading.main() == {}
    assert "skipped: allennlp-models is not installed" in capsys.readouterr().out


def test_the_peer_finds_the_same_questions(path: str, tiny_bert: str) -> None:
    pytest.importorskip("allennlp_models", reason="allennlp-models is an optional peer")
    assert count(peer(tiny_bert, SMALL), path)[0] == 3
