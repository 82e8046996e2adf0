"""The configuration of a pruned archive, part by part."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.pruning.configuration import pruned_config
from allennlp_heads.pruning.find import find_block
from tests.pruning import archives

GATES = {"type": "hard_concrete"}


def full() -> dict[str, Any]:
    """All that a training has, and its tasks in every place that names them."""
    config = archives.multitask("bert", GATES, ["pos", "dep", "ner"])
    tasks = ("pos", "dep", "ner")
    paths = {task: f"{task}.txt" for task in tasks}
    return config | {
        "validation_dataset_reader": deepcopy(config["dataset_reader"]),
        "train_data_path": paths,
        "validation_data_path": paths,
        "test_data_path": "all.txt",
        "data_loader": {"batch_size": 8, "max_instances": {"pos": 3, "ner": 4}},
        "validation_data_loader": {"max_instances": 5},
        "model": config["model"]
        | {
            "loss_balancer": {"type": "fixed", "weights": {"pos": 2.0}},
            "regularizer": {"regexes": [["log_alpha", "hard_concrete_l0"], ["bias", "l2"]]},
        },
        "trainer": {
            "validation_metric": "+pos_accuracy",
            "optimizer": {
                "type": "adamw",
                "parameter_groups": [
                    [["log_alpha"], {"lr": 0.05}],
                    [["transformer", "log_alpha"], {"lr": 1e-5}],
                ],
            },
            "callbacks": ["gate_report", {"type": "sparsity_target"}, {"type": "remove_heads"}],
        },
        "include_in_archive": ["notes.txt"],
    }


def test_what_a_pruned_model_needs() -> None:
    given = full()
    config = pruned_config(given, {2: [0, 3], 0: [1]})
    assert given == full()
    backbone = config["model"]["backbone"]
    assert backbone["removed_heads"] == {"0": [1], "2": [0, 3]}
    assert backbone["gates"] == {"type": "open"}
    assert config["include_in_archive"] == ["notes.txt", "encoder"]
    assert config["model"]["regularizer"] == {"regexes": [["bias", "l2"]]}
    assert config["trainer"]["callbacks"] == ["gate_report"]
    groups = config["trainer"]["optimizer"]["parameter_groups"]
    assert groups == [[["transformer"], {"lr": 1e-5}]]
    assert set(config["model"]["heads"]) == {"pos", "dep", "ner"}
    assert pruned_config(config, {2: [0, 3], 0: [1]}) == config


def test_one_task_of_several() -> None:
    config = pruned_config(full(), {}, "dep")
    assert set(config["model"]["heads"]) == {"dep"} and "loss_balancer" not in config["model"]
    for reader in ("dataset_reader", "validation_dataset_reader"):
        assert set(config[reader]["readers"]) == {"dep"}
    for split in ("train", "validation"):
        assert config[f"{split}_data_path"] == {"dep": "dep.txt"}
    assert config["test_data_path"] == "all.txt"
    assert config["data_loader"] == {"batch_size": 8}
    assert config["validation_data_loader"] == {"max_instances": 5}
    assert config["trainer"]["validation_metric"] == "+score"
    several = full()
    several["trainer"]["validation_metric"] = ["+dep_LAS", "-ner_loss"]
    assert pruned_config(several, {}, "ner")["trainer"]["validation_metric"] == "+score"
    several["trainer"]["validation_metric"] = ["+dep_LAS", "+dep_UAS"]
    assert pruned_config(several, {}, "dep")["trainer"] == several["trainer"] | {
        key: config["trainer"][key] for key in ("optimizer", "callbacks")
    }


def test_the_only_task() -> None:
    given = archives.multitask("bert", {"type": "per_task", "tasks": ["pos"]}, ["pos"])
    given["model"]["loss_balancer"] = {"type": "moving_average"}
    config = pruned_config(given, {}, "pos")
    # whose state is among the weights
    assert config["model"]["loss_balancer"] == given["model"]["loss_balancer"]


def test_the_place_of_the_encoder() -> None:
    for config in (archives.tagger("bert", GATES), archives.classifier("bert", GATES)):
        assert find_block(config["model"])["transformer_model"] == "bert"
        assert "regularizer" not in pruned_config(config, {})["model"]


@pytest.mark.parametrize(
    "model, message",
    [
        ({"type": "simple_tagger"}, "has no 'gated_transformer'"),
        ({"type": "from_archive", "archive_file": "x.tar.gz"}, "archive x.tar.gz.*prune that"),
        (
            {"a": {"_pretrained": {"archive_file": "x.tar.gz", "module_path": "b"}}},
            "archive x.tar.gz.*prune that",
        ),
        ({"a": [{"type": "gated_transformer"}, {"type": "gated_transformer"}]}, "has 2 encoders"),
    ],
)
def test_not_exactly_one_encoder(model: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        find_block(model)
