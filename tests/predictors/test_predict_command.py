"""`allennlp predict` in the ways people call it."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from allennlp.commands import main
from allennlp.common.checks import ConfigurationError

from tests.predictors.tiny_archive import TREEBANK, write_archive

INPUTS: list[dict[str, Any]] = [
    {"task": "pos", "sentence": "the old dog saw Anna."},
    {"task": "dep", "words": ["Anna", "gave", "Peter", "books"]},
    {"task": "pos", "words": ["good"]},
    {"task": "dep", "sentence": "the cat"},
]


@pytest.fixture(scope="module")
def archive(tiny_bert: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("archive")
    views = {"pos": "upos", "dep": "dependency"}
    return write_archive(folder, tiny_bert, views, {"pos": "tagger", "dep": "dependency"})


def _predict(archive: str, source: Path, monkeypatch: Any, *options: str) -> list[dict[str, Any]]:
    output = source.with_suffix(".out")
    arguments = ["predict", archive, str(source), "--output-file", str(output), "--silent"]
    monkeypatch.setattr(sys, "argv", ["allennlp", *arguments, *options])
    main()
    return [json.loads(line) for line in output.read_text().splitlines()]


def _lines(folder: Path, inputs: list[dict[str, Any]]) -> Path:
    path = folder / "inputs.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in inputs))
    return path


@pytest.mark.parametrize("batch_size", ["1", "3", "8"])
def test_mixed_tasks(
    archive: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch_size: str
) -> None:
    source = _lines(tmp_path, INPUTS)
    outputs = _predict(archive, source, monkeypatch, "--batch-size", batch_size)
    assert [output["task"] for output in outputs] == ["pos", "dep", "pos", "dep"]
    assert [len(output["words"]) for output in outputs] == [6, 4, 1, 2]
    assert [sorted(set(output) - {"task", "words"}) for output in outputs[:2]] == [
        ["tags"],
        ["conllu", "heads", "relations"],
    ]


@pytest.mark.parametrize("batch_size", ["1", "8"])
def test_gold_file_through_the_reader_of_a_head(
    archive: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch_size: str
) -> None:
    source = tmp_path / "gold.conllu"
    source.write_text(TREEBANK)
    options = ["--use-dataset-reader", "--multitask-head", "pos", "--batch-size", batch_size]
    outputs = _predict(archive, source, monkeypatch, *options)
    assert [output["words"] for output in outputs] == [["the", "dog", "saw"], ["Anna"]]
    assert [output["task"] for output in outputs] == ["pos", "pos"]


def test_one_heads_predictor(archive: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = _lines(tmp_path, [{"sentence": "the dog"}])
    outputs = _predict(archive, source, monkeypatch, "--predictor", "dependency")
    assert outputs[0]["task"] == "dep" and outputs[0]["words"] == ["the", "dog"]
    gold = tmp_path / "gold.conllu"
    gold.write_text(TREEBANK)
    options = ["--predictor", "tagger", "--use-dataset-reader", "--multitask-head", "pos"]
    assert len(_predict(archive, gold, monkeypatch, *options)) == 2


def test_language_of_raw_sentences(
    archive: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = _lines(tmp_path, [{"task": "pos", "sentence": "Z.B. heute"}])
    options = ["--predictor-args", json.dumps({"language": "de"})]
    assert _predict(archive, source, monkeypatch, *options)[0]["words"] == ["Z.B.", "heute"]


def test_a_wrong_line_is_a_clear_error(
    archive: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "wrong.jsonl"
    source.write_text("the dog\n")
    with pytest.raises(ConfigurationError, match=r"input line 1 \(blank .*'the dog"):
        _predict(archive, source, monkeypatch)


@pytest.mark.parametrize("batch_size", ["1", "2", "8"])
@pytest.mark.parametrize(
    "wrong", ["null", "3", "{", '{"task": "pos", "sentence": " "}', '{"task": "x"}']
)
@pytest.mark.parametrize("predictor", ["multitask_heads", "dependency"])
def test_a_wrong_line_is_named(
    archive: str,
    predictor: str,
    wrong: str,
    batch_size: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = json.dumps(INPUTS[1])
    source = tmp_path / "wrong.jsonl"
    source.write_text("\n".join([right, "", right, right, wrong, right]))
    options = ["--batch-size", batch_size, "--predictor", predictor]
    with pytest.raises(ConfigurationError, match=r"^input line 4 \(blank ones not counted\): "):
        _predict(archive, source, monkeypatch, *options)
