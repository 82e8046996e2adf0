"""Mistakes in the data of a training."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from allennlp_heads.validation import Findings
from allennlp_heads.validation.data_checks import (
    check_empty,
    check_same_paths,
    check_shared_namespaces,
)
from allennlp_heads.validation.split_data import TaskExamples
from tests.validation.configurations import keys, put, training, validated

POS = "experiment { tasks: ['pos'] }"
TEXTS = "experiment { tasks: ['sst2'] }"
DEV = "validation_data_path.pos"


@pytest.fixture(autouse=True)
def on_fixtures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADS_DATA", raising=False)


def sentences(folder: Path, name: str, *texts: str) -> str:
    """A CoNLL-U file of words with their tags, as `the/DET dog/NOUN`."""
    lines = []
    for text in texts:
        for number, word in enumerate(text.split(), 1):
            form, tag = word.split("/")
            lines.append(f"{number}\t{form}\t_\t{tag}\t_\t_\t{number - 1}\tdep\t_\t_")
        lines.append("")
    (folder / name).write_text("\n".join(lines) + "\n", "utf-8")
    return str(folder / name)


def pos(encoder: str, train: str, dev: str) -> dict[str, Any]:
    config = training(encoder, POS)
    config |= {"train_data_path": {"pos": train}, "validation_data_path": {"pos": dev}}
    return config


TRAIN = ["the/DET dog/NOUN", "dogs/NOUN bark/VERB", "she/PRON saw/VERB it/PRON"]


def test_labels_that_only_the_development_data_has(tiny_bert: str, tmp_path: Path) -> None:
    train = sentences(tmp_path, "train.conllu", *TRAIN)
    dev = sentences(tmp_path, "dev.conllu", "a/DET cat/NOUN", "well/INTJ she/PRON well/INTJ")
    found = validated(pos(tiny_bert, train, dev), tmp_path).findings
    assert keys(found) == [("warning", DEV)] and not found.failed
    assert "labels that the training data never has (pos_labels): INTJ (2)" in found[0].message
    dev = sentences(tmp_path, "dev.conllu", "a/DET cat/NOUN", "she/PRON sat/VERB")
    assert not validated(pos(tiny_bert, train, dev), tmp_path).findings


def test_other_models_fail_on_such_labels(tiny_bert: str, tmp_path: Path) -> None:
    config = training(tiny_bert, "import 'foreign/simple_tagger.jsonnet'")
    config["train_data_path"] = sentences(tmp_path, "train.conllu", *TRAIN)
    config["validation_data_path"] = sentences(tmp_path, "dev.conllu", "well/INTJ she/PRON")
    found = validated(config, tmp_path).findings
    assert found.failed and keys(found)[0] == ("error", "validation_data_path")
    assert "INTJ (1)" in found[0].message
    del config["datasets_for_vocab_creation"]
    assert keys(validated(config, tmp_path).findings) == [("warning", "validation_data_path")]


def test_texts_of_both(tiny_bert: str, tmp_path: Path) -> None:
    train = sentences(tmp_path, "train.conllu", *TRAIN)
    dev = sentences(tmp_path, "dev.conllu", TRAIN[1], "a/DET cat/NOUN")
    found = validated(pos(tiny_bert, train, dev), tmp_path)
    assert keys(found.findings) == [("warning", DEV)]
    assert "1 of 2 texts stand in the training data too" in found.findings[0].message
    assert found.summary["tasks"][0]["shared_with_training"] == {"validation": 1}
    dev = sentences(tmp_path, "dev.conllu", "the/DET dogs/NOUN", "a/DET cat/NOUN")
    assert not validated(pos(tiny_bert, train, dev), tmp_path).findings


def test_development_data_that_is_training_data(tiny_bert: str, tmp_path: Path) -> None:
    train = sentences(tmp_path, "train.conllu", *TRAIN)
    other = str(tmp_path / "." / "train.conllu")
    found = validated(pos(tiny_bert, train, other), tmp_path).findings
    assert keys(found)[0] == ("error", DEV)
    assert "has examples of the training data" in found[0].message


@pytest.mark.parametrize(
    ("train", "dev", "wrong"),
    [
        ("a.csv#train", "a.csv#dev", []),
        ("a.csv", "a.csv#dev", ["validation_data_path"]),
        ("a.csv", {"ag": "a.csv", "sst2": "b.csv"}, ["validation_data_path.ag"]),
        ({"ag": "a.csv"}, {"ag": "b.csv"}, []),
        ("a.csv", None, []),
    ],
)
def test_paths_to_the_same_examples(train: Any, dev: Any, wrong: list[str]) -> None:
    found = Findings()
    check_same_paths({"train_data_path": train, "validation_data_path": dev}, found)
    assert [finding.key for finding in found] == wrong


def test_texts_that_are_cut(tiny_bert: str, tmp_path: Path) -> None:
    config = training(tiny_bert, TEXTS)
    found = validated(config, tmp_path)
    assert not found.findings
    assert found.summary["tasks"][0]["cut"] == {"train": 0, "validation": 0}
    put(config, "dataset_reader.readers.sst2.tokenizer.max_length", 8)
    found = validated(config, tmp_path)
    wanted = [("warning", f"{split}_data_path.sst2") for split in ("train", "validation")]
    assert keys(found.findings) == wanted
    assert "have 8 pieces or more" in found.findings[0].message
    assert found.summary["tasks"][0]["cut"]["train"] > 0


def test_tasks_in_one_namespace(tiny_bert: str, tmp_path: Path) -> None:
    config = training(tiny_bert)
    for part in ("dataset_reader.readers", "model.heads"):
        put(config, f"{part}.dep.label_namespace", "pos_labels")
    [found] = validated(config, tmp_path).findings
    key = "dataset_reader.readers.pos.label_namespace"
    assert (found.severity, found.key) == ("warning", key)
    assert "'dep' and 'pos' put different labels" in found.message


def test_equal_labels_may_share_a_namespace() -> None:
    data = {task: TaskExamples() for task in ("mnli", "snli")}
    for examples in data.values():
        examples.labels["labels"]["neutral"] += 1
    check_shared_namespaces(data, findings := Findings())
    assert not findings


def test_empty_data(tiny_bert: str, tmp_path: Path) -> None:
    train, empty = sentences(tmp_path, "train.conllu", *TRAIN), sentences(tmp_path, "dev.conllu")
    found = validated(pos(tiny_bert, train, empty), tmp_path).findings
    assert keys(found) == [("error", "validation_data_path")]
    assert "no sentence in this file" in found[0].message
    # readers that are not ours may pass over it
    found = Findings()
    one = {"": TaskExamples(texts=Counter([1]))}
    check_empty({"train": one, "validation": {}}, found)
    assert keys(found) == [("error", "validation_data_path")]
    found.clear()
    check_empty({"train": one, "validation": one}, found)
    assert not found
