"""Real trials: tiny trainings with gates, searched by score and by closed heads, and one pruned."""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from allennlp.commands import main

from allennlp_heads.search.asking import Answers, Question
from tests.grid import configs
from tests.training.runs import train

COEFFICIENT, RATE = 0.012345, 0.412345


def search_files(config: configs.Config, folder: Path) -> list[str]:
    """Of a configuration in which two numbers stand for hyper-parameters."""
    text = json.dumps(config)
    for name, value in (("coefficient", COEFFICIENT), ("gates_lr", RATE)):
        assert str(value) in text
        text = text.replace(str(value), f"std.parseJson(std.extVar('{name}'))")
    (folder / "config.jsonnet").write_text(text)
    space = [
        {"type": "float", "attributes": {"name": "coefficient", "low": 0.001, "high": 1.0}},
        {"type": "float", "attributes": {"name": "gates_lr", "low": 0.1, "high": 2.0}},
    ]
    (folder / "hparams.json").write_text(json.dumps(space))
    return [str(folder / "config.jsonnet"), str(folder / "hparams.json")]


def searchable(config: configs.Config) -> configs.Config:
    """The same with numbers that are known again."""
    config["model"]["backbone"]["gates"]["coefficient"] = COEFFICIENT
    config["trainer"]["optimizer"]["parameter_groups"][0][1]["lr"] = RATE
    return config


def test_the_verb_searches_by_score_and_by_closed_heads(
    tiny_bert: str,
    fixtures_root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config, out = searchable(configs.few(tiny_bert, fixtures_root)), tmp_path / "out"
    words = ["allennlp", "heads", "search", *search_files(config, tmp_path), "-s", str(out)]
    words += ["--metrics", "best_validation_score", "--metrics", "closed_share"]
    monkeypatch.delenv("HEADS_DATA", raising=False)
    monkeypatch.setattr(sys, "argv", [*words, "--trials", "3", "--json"])
    main(prog="allennlp")
    answer = json.loads(capsys.readouterr().out)
    report = answer["reports"]["search.json"]
    assert [trial["state"] for trial in report["trials"]] == ["complete"] * 3
    for trial in report["trials"]:
        folder = out / trial["folder"]
        metrics = json.loads((folder / "metrics.json").read_text())
        gates = json.loads((folder / "heads" / "gates.json").read_text())["final"]["sets"]["gates"]
        assert trial["values"] == {
            "best_validation_score": metrics["best_validation_score"],
            "closed_share": 1 - gates["open_share"],
        }
        assert (folder / "model.tar.gz").is_file()
    best = json.loads((out / f"search_best_{report['best'][0]}.json").read_text())
    assert best == json.loads((out / f"trial_{report['best'][0]}" / "config.json").read_text())


def asking(config: configs.Config, folder: Path, **changes: Any) -> configs.Config:
    """With the callback as a search writes it."""
    callback = {
        "type": "optuna_pruner",
        "monitor": "validation_score",
        "folder": str(folder),
        **changes,
    }
    trainer = config["trainer"]
    return {**config, "trainer": {**trainer, "callbacks": [callback, *trainer["callbacks"]]}}


def epochs(run: Path) -> int:
    """Trained."""
    return len(list(run.glob("metrics_epoch_*.json")))


def test_a_training_ends_when_it_is_told_to(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    config = configs.few(tiny_bert, fixtures_root)
    config["trainer"]["num_epochs"] = 5
    asked: list[Question] = []
    over = threading.Event()

    def answer() -> None:
        answers = Answers(tmp_path / "asks")
        while not over.is_set():
            for question in answers.questions():
                asked.append(question)
                answers.answer(question, end=question.epoch == 1)
            time.sleep(0.02)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        train(asking(config, tmp_path / "asks"), tmp_path / "run")
    finally:
        over.set()
        thread.join()
    scores = [
        json.loads((tmp_path / "run" / f"metrics_epoch_{epoch}.json").read_text())[
            "validation_score"
        ]
        for epoch in range(2)
    ]
    assert epochs(tmp_path / "run") == 2 and asked == [
        Question(0, scores[0]),
        Question(1, scores[1]),
    ]
    assert (tmp_path / "run" / "model.tar.gz").is_file()


def test_a_training_goes_on_without_a_search(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    config = configs.few(tiny_bert, fixtures_root)
    config["trainer"]["num_epochs"] = 2
    # nobody answers: it asks once and not again
    train(asking(config, tmp_path / "asks", patience=0.1), tmp_path / "run")
    assert epochs(tmp_path / "run") == 2
    assert [path.name for path in (tmp_path / "asks").iterdir()] == ["question_0.json"]
    config["trainer"]["callbacks"].insert(0, {"type": "optuna_pruner"})
    train(config, tmp_path / "alone")
    assert epochs(tmp_path / "alone") == 2
