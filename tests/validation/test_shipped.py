"""The shipped configurations have no mistakes, but for models that must be trained first."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from allennlp_heads.validation import validate
from tests.training_configs.shipped import (
    CONFIGS,
    FEW_SHOT,
    GRIDS,
    PROBES,
    ROOT,
    TRANSFER,
    settings_of,
)
from tests.validation.configurations import with_encoder

STARTS = {
    "iat/": ["model.initializer.regexes.0.1.weights_file_path"],
    "few_shot/": ["starts.all_heads.archive", "starts.important_heads.archive"],
    "trained/": ["archive"],
}
"""What is made by a training that comes before."""
BUILT = [
    "training_configs/half_the_heads.jsonnet",
    "training_configs/foreign/simple_tagger.jsonnet",
    "training_configs/foreign/basic_classifier.jsonnet",
    "training_configs/stem_cell/gate/all_per_task.jsonnet",
    "training_configs/functional_specialization/joint/five.jsonnet",
    "training_configs/functional_specialization/iat/important.jsonnet",
]
"""One of each kind; that all others can be built is tested where they are trained."""
EVALUATED = [*CONFIGS[::5], *FEW_SHOT, *PROBES[::4], *TRANSFER[1:], *GRIDS]
"""Some of all: evaluating Jsonnet takes its time."""


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("HEADS_DATA", raising=False)


def starts(config: str) -> list[str]:
    """The keys of what is not there."""
    return next((keys for folder, keys in STARTS.items() if folder in config), [])


@pytest.mark.parametrize("config", BUILT)
def test_trainings(config: str, tiny_bert: str, tmp_path: Path) -> None:
    settings = with_encoder(settings_of(config), tiny_bert)
    file = tmp_path / "config.json"
    file.write_text(json.dumps(settings), "utf-8")
    found = validate(str(file))
    # the small files of the fixtures make too few updates for gates
    other = [one.key for one in found.findings if one.key != "trainer.num_epochs"]
    assert other == starts(config), found.as_text()
    assert found.summary["updates"] > 0 and found.summary["memory"]["total"] > 0


@pytest.mark.parametrize("config", EVALUATED)
def test_what_is_written(config: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVE", "out/dep/model.tar.gz")
    monkeypatch.setattr("allennlp_heads.validation.training.look_at", lambda *given: {})
    found = validate(config)
    assert [finding.key for finding in found.findings] == starts(config), found.as_text()
    text = found.as_text()
    if config in TRANSFER:
        assert "allennlp heads transfer" in text and "cells: " in text
    if config in FEW_SHOT:
        assert "allennlp heads fewshot" in text and "runs: 360" in text
    if config in GRIDS:
        assert "allennlp heads grid" in text and re.search("runs: (4|30)\n", text)
    if config in PROBES:
        assert "allennlp heads probe" in text and "tasks: " in text


@pytest.mark.parametrize(
    ("config", "change", "message"),
    [
        (TRANSFER[-1], '{"regimes": ["half_half"]}', "regimes is \\['half_half'\\]"),
        (FEW_SHOT[0], '{"seeds": 0}', "'seeds' is 0"),
        (PROBES[0], '{"probes": {"direktion": "to_head"}}', "direktion"),
    ],
)
def test_mistakes_for_verbs(
    config: str, change: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVE", "out/dep/model.tar.gz")
    found = validate(config, change)
    errors = [finding for finding in found.findings if finding.key == config]
    assert len(errors) == 1 and found.findings.failed
    assert errors[0].message and re.search(message, errors[0].message)
