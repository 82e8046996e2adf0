"""Checks of what is written, before anything is built."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from allennlp_heads.validation import Finding, Findings, validate
from allennlp_heads.validation.encoders import check_same_encoder, on_this_machine
from allennlp_heads.validation.files import check_files
from allennlp_heads.validation.trainer_keys import check_patience
from allennlp_heads.validation.written import Written
from tests.training_configs.shipped import FEW_SHOT, PROBES, TRANSFER, settings_of
from tests.validation.configurations import keys, training, validated


def test_all_missing_files_at_once(
    tiny_bert: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEADS_DATA", raising=False)
    config = training(tiny_bert)
    config["train_data_path"] = {"pos": "no/train.conllu", "dep": "fixtures/*/train.conllu"}
    config["validation_data_path"] = "${HEADS_DATA}/nowhere.conllu#dev"
    start = {"type": "pretrained", "weights_file_path": "no/model.tar.gz"}
    config["model"]["initializer"] = {"regexes": [["heads", start]]}
    monkeypatch.chdir(Path(__file__).resolve().parents[2])
    found = validated(config, tmp_path)
    found_at = {finding.key: finding for finding in found.findings}
    assert set(found_at) == {
        "train_data_path.pos",
        "validation_data_path",
        "model.initializer.regexes.0.1.weights_file_path",
    }
    path = found_at["validation_data_path"]
    assert "fixtures/nowhere.conllu does not exist" in path.message
    assert "set HEADS_DATA" in path.cure
    assert found.summary == {}


def test_files_that_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "train.csv").touch()
    monkeypatch.setenv("HEADS_DATA", str(tmp_path))
    found = Findings()
    path = "${HEADS_DATA}/train.csv"
    config = {"train_data_path": {"ag": f"{path}#train"}, "archive": None}
    assert check_files(config, found) == [] == found
    monkeypatch.setenv("HEADS_DATA", str(tmp_path / "none"))
    assert check_files({"train_data_path": path}, found) == ["train_data_path"]
    assert "HEADS_DATA names" in found[0].message


def test_addresses_are_not_fetched() -> None:
    found = Findings()
    path = "https://example.org/train.csv"
    assert check_files({"train_data_path": path}, found) == ["train_data_path"]
    assert keys(found) == [("warning", "train_data_path")]


def test_encoders_must_be_the_same(tiny_bert: str, tmp_path: Path) -> None:
    config = training(tiny_bert)
    found = Findings()
    check_same_encoder(config, found)
    assert not found
    other = str(tmp_path / "other")
    indexer = config["dataset_reader"]["readers"]["pos"]["token_indexers"]["tokens"]
    indexer["transformer_model"] = other
    check_same_encoder(config, found)
    assert keys(found) == [
        ("error", "dataset_reader.readers.pos.token_indexers.tokens.transformer_model")
    ]
    assert other in found[0].message and tiny_bert in found[0].message


def test_encoders_are_looked_for_on_this_machine_only(
    tiny_bert: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def cached(name: str, local_files_only: bool = False) -> str:
        asked.append((name, local_files_only))
        if name == "no/such":
            raise FileNotFoundError("not cached")
        return f"/cache/{name}"

    monkeypatch.setattr("allennlp_heads.validation.encoders.snapshot_download", cached)
    found = Findings()
    config = {"model": {"transformer_model": tiny_bert}, "encoder": "bert-tiny"}
    here = on_this_machine(config, found)
    assert here == {"model": {"transformer_model": tiny_bert}, "encoder": "/cache/bert-tiny"}
    assert config["encoder"] == "bert-tiny" and not found
    assert on_this_machine({"encoder": "no/such"}, found) is None
    assert keys(found) == [("warning", "encoder")]
    assert asked == [("bert-tiny", True), ("no/such", True)]


@pytest.mark.parametrize("name", ["package:no_such_package/model", "./no/folder", "/no/folder"])
def test_encoders_that_are_nowhere(name: str) -> None:
    found = Findings()
    assert on_this_machine({"encoder": name}, found) is None
    assert keys(found) == [("error", "encoder")]


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, []),
        ({"validation_metric": None}, ["warning"]),
        ({"validation_data_path": None}, ["error"]),
        ({"validation_data_path": None, "patience": None}, []),
        ({"validation_metric": None, "patience": None}, []),
    ],
)
def test_patience_and_its_metric(change: dict[str, Any], wrong: list[str]) -> None:
    config: dict[str, Any] = {
        "validation_data_path": "dev.conllu",
        "trainer": {"patience": 3, "validation_metric": "+score"},
    }
    for key, value in change.items():
        inside = config if key in config else config["trainer"]
        if value is None:
            del inside[key]
        else:
            inside[key] = value
    found = Findings()
    check_patience(config, found)
    assert keys(found) == [(severity, "trainer.patience") for severity in wrong]


@pytest.mark.parametrize(
    ("config", "verb"),
    [(FEW_SHOT[0], "fewshot"), (PROBES[0], "probe"), (TRANSFER[-1], "transfer")],
)
def test_what_reads_a_configuration(config: str, verb: str) -> None:
    assert Written(config, settings_of(config)).verb == verb


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot be evaluated"),
        ("[]", "holds no object"),
        ("{ archive: std.extVar('NO_SUCH_VARIABLE') }", "needs the environment variable NO_SUCH"),
    ],
)
def test_what_cannot_be_evaluated(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "config.jsonnet"
    file.write_text(text)
    found = validate(str(file))
    assert found.verb is None and keys(found.findings) == [("error", "configuration")]
    assert message in found.findings[0].message
    assert json.dumps(found.as_dict()) and found.as_text().endswith("1 finding\n")


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    [found] = validate(str(tmp_path)).findings
    assert "is a folder: give the configuration in it" in found.message


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ("[1]", "--overrides is no object of settings: \\[1\\]"),
        ('{"trainr.patience": 3}', "--overrides do not fit .*trainr.patience"),
    ],
)
def test_overrides_that_do_not_fit(overrides: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"trainer": {}}', "utf-8")
    [found] = validate(str(tmp_path / "config.json"), overrides).findings
    assert re.search(message, found.message) and "holds no object" not in found.message


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("it is missing", "error: key: it is missing. Add it."),
        ("in line 1:\n\tis it empty?", "error: key: in line 1: is it empty? Add it."),
        ("give it as A=...", "error: key: give it as A=... Add it."),
    ],
)
def test_a_finding_is_one_line(message: str, line: str) -> None:
    assert str(Finding("error", "key", message, "Add it.")) == line


def test_a_grid_of_which_runs_are_wrong(tmp_path: Path) -> None:
    """What is wrong with all is said once; what other runs leave need not be there."""
    run = {
        "dataset_reader": {"type": "conllu"},
        "train_data_path": "nowhere.conllu",
        "model": {"initializer": {"regexes": [["x", {"weights_file_path": "@a/best.th"}]]}},
        "data_loader": {},
        "trainer": {},
    }
    other = {**run, "train_data_path": "elsewhere.conllu"}
    runs = {"a": {"config": {**run, "model": {}}}, "b": {"config": run}, "c": {"config": other}}
    file = tmp_path / "grid.json"
    file.write_text(json.dumps({"runs": runs, "seeds": [1, 2]}))
    found = validate(str(file), '{"seeds": [1]}')
    assert found.verb == "grid" and found.summary["runs"] == 6
    assert [finding.key for finding in found.findings if "does not exist" in finding.message] == [
        "a.1.train_data_path",
        "c.1.train_data_path",
    ]
    assert found.findings[0].key == "--overrides" and not any(
        "best.th" in finding.message for finding in found.findings
    )
    file.write_text(json.dumps({"runs": {"a": {"config": run, "after": ["z"]}}}))
    assert "'z'" in validate(str(file)).as_text()
