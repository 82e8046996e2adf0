"""`allennlp heads validate`, run through AllenNLP's own `main`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from allennlp.commands import main

from tests.validation.configurations import put, training


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.delenv("HEADS_DATA", raising=False)
    monkeypatch.setattr(sys, "argv", ["allennlp", "heads", "validate", *arguments])
    main(prog="allennlp")


@pytest.fixture
def file(tiny_bert: str, tmp_path: Path) -> str:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(training(tiny_bert, "experiment { tasks: ['pos'] }")), "utf-8")
    return str(path)


def test_a_training(file: str, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    run(monkeypatch, file, "--try-steps", "1")
    said = capsys.readouterr().out
    assert said.startswith(file) and said.endswith("no findings\n")
    assert "1 step tried" in said and "memory on " in said


def test_a_mistake_ends_in_status_1(
    file: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    with pytest.raises(SystemExit) as status:
        run(monkeypatch, file, "-o", '{"trainer.patienc": 3}', "--json")
    assert status.value.code == 1
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == {"name": "validation", "version": 1}
    assert (found["configuration"], found["verb"]) == (file, "train")
    assert [finding["key"] for finding in found["findings"]] == ["trainer.patienc"]
    assert found["summary"]["tasks"][0]["task"] == "pos"


def test_a_warning_ends_in_status_0(
    tiny_bert: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    config = training(tiny_bert, "experiment { tasks: ['sst2'] }")
    put(config, "dataset_reader.readers.sst2.tokenizer.max_length", 8)
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    run(monkeypatch, str(tmp_path / "config.json"))
    assert "warning: train_data_path.sst2: " in capsys.readouterr().out


def test_what_is_no_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    with pytest.raises(SystemExit) as status:
        run(monkeypatch, str(tmp_path / "none.jsonnet"))
    assert status.value.code == 1
    assert "error: configuration: there is no configuration" in capsys.readouterr().out


@pytest.mark.parametrize("overrides", ["{", '{"no.such.key": 1}'])
def test_overrides_that_do_not_fit(
    overrides: str, file: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    with pytest.raises(SystemExit) as status:
        run(monkeypatch, file, "-o", overrides)
    assert status.value.code == 1
    assert "--overrides" in capsys.readouterr().out


def test_negative_steps(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit) as status:
        run(monkeypatch, file, "--try-steps", "-1")
    assert status.value.code == 2
