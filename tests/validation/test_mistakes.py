"""One mistake at a time in a training that has none: exactly that one is found."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.validation.configurations import keys, put, training, validated

GROUPS = "trainer.optimizer.parameter_groups"
L0 = {"type": "l2", "alpha": 0.1}


@pytest.fixture(autouse=True)
def on_fixtures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADS_DATA", raising=False)


def with_callback(*more: Any) -> list[Any]:
    return ["gate_report", *more, "exact_resume"]


# key to change, value, key of the finding, its words
MISTAKES: dict[str, tuple[str, Any, str, str]] = {
    "a misspelt key of the trainer": (
        "trainer.patienc",
        3,
        "trainer.patienc",
        "ignores it. Write 'patience'",
    ),
    "a key that the trainer never had": ("trainer.xyz", 3, "trainer.xyz", "ignores it. Remove"),
    "a metric that is not reported": (
        "trainer.validation_metric",
        "+pos_f1",
        "trainer.validation_metric",
        "reports no 'pos_f1'. Choose from .*pos_accuracy",
    ),
    "exact_resume not last": (
        "trainer.callbacks",
        ["exact_resume", "gate_report"],
        "trainer.callbacks",
        "gate_report come after 'exact_resume'",
    ),
    "a group that hits nothing": (
        f"{GROUPS}.0.0.0",
        "\\.transfomer\\.",
        f"{GROUPS}.0.0.0",
        "'\\\\.transfomer\\\\.' matches no parameter that is trained",
    ),
    "a misspelt option of a group": (
        f"{GROUPS}.0.1",
        {"lr": 1e-5, "weigth_decay": 0.1},
        f"{GROUPS}.0.1.weigth_decay",
        "Write 'weight_decay'",
    ),
    "gates without a rate of their own": (
        GROUPS,
        [[["\\.transformer\\."], {"lr": 1e-5}]],
        GROUPS,
        "log_alpha' have no learning rate of their own",
    ),
    "a group of gates without a rate": (
        f"{GROUPS}.1.1",
        {"weight_decay": 0.0},
        GROUPS,
        "have no learning rate of their own",
    ),
    "no_grad that hits nothing": (
        "trainer.no_grad",
        ["^backbone\\.embeddings"],
        "trainer.no_grad.0",
        "matches no parameter",
    ),
    "a regularizer that hits nothing": (
        "model.regularizer",
        {"regexes": [["head_weights", L0]]},
        "model.regularizer.regexes.0.0",
        "'head_weights' matches no parameter",
    ),
    "an initializer that hits nothing": (
        "model.initializer",
        {"regexes": [["encoder_pos", {"type": "zero"}]]},
        "model.initializer.regexes.0.0",
        "'encoder_pos' matches no parameter",
    ),
    "an option that the encoder does not have": (
        "model.backbone.transformer_kwargs",
        {"hidden_dropout": 0.2},
        "model.backbone.transformer_kwargs.hidden_dropout",
        "Write 'hidden_dropout_prob'",
    ),
    "the label namespace of another task": (
        "model.heads.pos.label_namespace",
        "dep_labels",
        "model.heads.pos.label_namespace",
        "is 'dep_labels', but the reader puts the labels into 'pos_labels'",
    ),
    "a report on a task that is not there": (
        "trainer.callbacks",
        with_callback({"type": "head_importance", "tasks": ["ner"]}),
        "trainer.callbacks",
        "there are no tasks \\['ner'\\]",
    ),
    "phases of a task that is not there": (
        "data_loader.sampler",
        {"type": "phases", "epochs": 10, "phases": [{"task": "ner", "share": 1.0}]},
        "train_data_path",
        "data_loader.sampler.phases.0.task is 'ner', which is no task",
    ),
    "an unknown component": (
        "model.type",
        "multitask_heeds",
        "model.type",
        "'multitask_heeds'. Write 'multitask_heads'",
    ),
    "a misspelt key of a component": (
        "model.backbone.max_lenght",
        8,
        "model.backbone.max_lenght",
        "has no option 'max_lenght'. Write 'max_length'",
    ),
    "a misspelt key of the training": (
        "validation_data_pathh",
        "x",
        "validation_data_pathh",
        "Write 'validation_data_path'",
    ),
    "a part that is not there": ("model", None, "model", "needs this key"),
    "a part that is no object": ("trainer", [3], "trainer", "\\[3\\].*object of settings"),
    "a misspelt callback": (
        "trainer.callbacks",
        ["gate_reprt", "exact_resume"],
        "trainer.callbacks.0",
        "'gate_reprt'. Write 'gate_report'",
    ),
    "a component like no other": (
        "trainer.optimizer.type",
        "xyzzy",
        "trainer.optimizer.type",
        "Choose from .*adamw.*--include-package",
    ),
    "a metric without a sign": (
        "trainer.validation_metric",
        "pos_accuracy",
        "trainer.validation_metric",
        'Write "\\+" in front',
    ),
    "no regular expression": (
        "trainer.no_grad",
        ["(head"],
        "trainer.no_grad.0",
        "is no regular expression: missing \\)",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_one_mistake(mistake: str, tiny_bert: str, tmp_path: Path) -> None:
    key, value, found_at, words = MISTAKES[mistake]
    config = training(tiny_bert)
    put(config, key, value)
    found = validated(config, tmp_path).findings
    assert keys(found) == [("error", found_at)], "\n".join(map(str, found))
    assert found.failed
    assert re.search(words, str(found[0])), found[0]


def test_none_of_them(tiny_bert: str, tmp_path: Path) -> None:
    config = training(tiny_bert)
    reports = [{"type": "head_importance", "tasks": ["dep"]}]
    put(config, "trainer.callbacks", with_callback(*reports))
    put(config, "trainer.no_grad", ["embeddings"])
    put(config, "model.regularizer", {"regexes": [["heads", L0]]})
    put(config, "model.initializer", {"regexes": [["heads.pos.*bias", {"type": "zero"}]]})
    put(config, "model.backbone.transformer_kwargs", {"hidden_dropout_prob": 0.2})
    found = validated(config, tmp_path)
    assert not found.findings, "\n".join(map(str, found.findings))
    assert not found.findings.failed


def test_a_target_without_gates(tiny_bert: str, tmp_path: Path) -> None:
    config = training(tiny_bert)
    target = {"type": "sparsity_target", "target": 0.5}
    put(config, "trainer.callbacks", with_callback(target))
    assert not validated(config, tmp_path).findings
    put(config, "trainer.callbacks", [target, "exact_resume"])
    config["model"]["backbone"]["gates"] = "open"
    del config["trainer"]["optimizer"]["parameter_groups"][1]
    [found] = validated(config, tmp_path).findings
    assert (found.severity, found.key) == ("error", "trainer.callbacks")
    assert "sparsity_target" in found.message


def test_gates_that_do_not_learn_need_no_rate(tiny_bert: str, tmp_path: Path) -> None:
    config = training(tiny_bert, "experiment { tasks: ['pos'] }")
    assert not validated(config, tmp_path).findings


def test_a_regularizer_of_gates_that_are_not_there(tiny_bert: str, tmp_path: Path) -> None:
    config = training(tiny_bert, "import 'foreign/simple_tagger.jsonnet'")
    assert not validated(config, tmp_path).findings
    config["model"]["text_field_embedder"]["token_embedders"]["tokens"]["gates"] = "open"
    found = keys(validated(config, tmp_path).findings)
    assert ("error", "model.regularizer.regexes.0.0") in found
