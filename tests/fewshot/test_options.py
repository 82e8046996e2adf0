"""Configurations that say nothing, too much, or what cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from allennlp_heads.fewshot import FewShotExperiment, FewShotStart, FewShotTraining, few_shot
from tests.fewshot.experiments import tagging, written
from tests.training.pieces import copied


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ({}, "one of 'archive'"),
        ({"archive": "a", "transformer_model": "b"}, "one of 'archive'"),
        ({"transformer_model": "b", "copy_head_from": "pos"}, "copy_head_from need an 'archive'"),
        ({"transformer_model": "b", "gates_of": "pos"}, "gates_of need an 'archive'"),
        ({"archive": "a", "copy_labels": {"x": "y"}}, "needs 'copy_head_from'"),
        ({"archive": "a", "word_dropout": 0.1}, "that of its training"),
    ],
)
def test_starts(start: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        FewShotStart(**start)


@pytest.mark.parametrize(
    ("training", "message"),
    [
        ({}, "one of 'updates' and 'epochs'"),
        ({"updates": 3, "epochs": 1}, "one of 'updates' and 'epochs'"),
        ({"updates": 0}, "'updates' is 0"),
        ({"epochs": 1, "batch_size": 0}, "'batch_size' is 0"),
        ({"updates": 1, "head_lr": -1e-3}, "'head_lr' is -0.001"),
        ({"updates": 1, "weight_decay": float("nan")}, "'weight_decay' is nan"),
        ({"updates": 1, "warmup": 1.0}, "'warmup' is 1.0"),
        ({"updates": 1, "grad_norm": 0.0}, "'grad_norm' is 0.0"),
        ({"updates": 1, "no_grad": ["a("]}, "no_grad' has 'a\\('"),
    ],
)
def test_training(training: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        FewShotTraining(**training)


def test_epochs_are_as_many_updates_as_batches() -> None:
    training = FewShotTraining(epochs=3, batch_size=8)
    assert [training.number_of_updates(number) for number in (4, 8, 9, 100)] == [3, 3, 6, 39]
    assert FewShotTraining(updates=7).number_of_updates(100) == 7


def test_the_baseline_comes_first(tiny_bert: str, fixtures_root: Path) -> None:
    """Jsonnet sorts names, so that the order in the file says nothing."""
    config = tagging(tiny_bert, fixtures_root, {n: {"transformer_model": "x"} for n in "cab"})
    orders = []
    for baseline in ({}, {"baseline": "b"}):
        experiment = FewShotExperiment.from_params(Params(copied(config) | baseline))
        orders.append(list(experiment.starts))
    assert orders == [["a", "c", "b"], ["b", "c", "a"]]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"starts": {}}, "starts is empty"),
        ({"starts": {"../a": {"archive": "a"}}}, "name of a folder"),
        ({"starts": {"a": {"archive": "nowhere"}}}, "no archive nowhere"),
        ({"examples": []}, "examples is"),
        ({"examples": [2, 2]}, "examples is"),
        ({"examples": [0]}, "examples: 'number' is 0"),
        ({"examples": [2, 13]}, "only 12 to learn from"),
        ({"seeds": 0}, "'seeds' is 0"),
        ({"max_validation": 0}, "'max_validation' is 0"),
        ({"per_class": True}, "no single label"),
        ({"seed": 3}, "seed"),
        ({"baseline": "other"}, "none of the starts"),
    ],
)
def test_experiments(
    changes: dict[str, Any], message: str, tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    starts = {"plain": {"transformer_model": tiny_bert}}
    config = tagging(tiny_bert, fixtures_root, starts) | changes
    with pytest.raises(ConfigurationError, match=message):
        few_shot(written(config, tmp_path), tmp_path / "out")
    assert not (tmp_path / "out").exists()
