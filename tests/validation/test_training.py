"""What a training comes to: sizes, steps, memory; and that looking at it leaves nothing behind."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
import torch

from allennlp_heads.validation import Findings, trial
from allennlp_heads.validation.batches import Batches, batches_of
from allennlp_heads.validation.memory import estimated
from allennlp_heads.validation.stages import Stages, stages_of
from tests.validation.configurations import SENTENCES, keys, put, training, validated

BOTH = "experiment { tasks: ['pos', 'sst2'], training+: { batch_size: 16, word_dropout: 0.0 } }"


@pytest.fixture(autouse=True)
def on_fixtures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADS_DATA", raising=False)


def built(config: dict[str, Any], folder: Path) -> Stages:
    found = Findings()
    stages = stages_of(config, str(folder / "run"), found)
    assert stages is not None and stages.read(found) and stages.build(found), found
    stages.close()
    return stages


def test_sizes_and_steps(tiny_bert: str, tmp_path: Path) -> None:
    config = training(tiny_bert)
    put(config, "trainer.num_gradient_accumulation_steps", 2)
    found = validated(config, tmp_path)
    assert found.verb == "train" and not found.findings
    dep, pos = found.summary["tasks"]
    assert (dep["head"], dep["metric"], pos["head"], pos["metric"]) == (
        "dependency",
        "LAS",
        "tagger",
        "accuracy",
    )
    assert pos["examples"] == {"train": 3 * SENTENCES, "validation": SENTENCES}
    assert pos["batches"] == -(-3 * SENTENCES // 32) and pos["labels"] > 5 < pos["longest"]
    batches = dep["batches"] + pos["batches"]
    assert found.summary["batches_per_epoch"] == batches
    assert found.summary["updates"] == 10 * -(-batches // 2)
    assert found.summary["parameters"]["gates"] == 12
    [gates] = found.summary["gates"]
    assert (gates["learning_rate"], gates["enough_updates_to_close"]) == (1.0, True)
    text = found.as_text()
    assert "dep   dependency  LAS" in text and text.endswith("no findings\n")


def test_workers_share_the_batches(tiny_bert: str, tmp_path: Path) -> None:
    config = training(tiny_bert)
    alone = validated(config, tmp_path).summary
    config["distributed"] = {"cuda_devices": [-1, -1, -1], "num_nodes": 2}
    config["trainer"]["callbacks"].insert(0, "workers")
    found = validated(config, tmp_path)
    assert found.summary["batches_per_epoch"] == alone["batches_per_epoch"]
    assert found.summary["updates"] == 10 * -(-alone["batches_per_epoch"] // 6)
    text = found.as_text()
    assert "by 6 workers together" in text and "for each of the 6 workers: about" in text


@pytest.mark.parametrize("nodes", [None, "two", 0])
def test_malformed_workers_are_counted_as_one(
    nodes: object, tiny_bert: str, tmp_path: Path
) -> None:
    config = training(tiny_bert)
    config["distributed"] = {"cuda_devices": "all", "num_nodes": nodes}
    assert validated(config, tmp_path).summary["workers"] == 1
    config["distributed"] = [0, 1]
    assert validated(config, tmp_path).summary["workers"] == 1


def test_gpus_of_another_machine(
    tiny_bert: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    config = training(tiny_bert)
    summary = validated(config, tmp_path).summary
    config["trainer"]["cuda_device"] = 0
    found = validated(config, tmp_path)
    assert [str(one) for one in found.findings] == [
        "warning: trainer.cuda_device: it asks for GPU 0, and this machine has 0 GPUs. "
        "Train on a machine that has it, or write -1 for a CPU."
    ]
    assert found.summary == summary
    config["trainer"]["cuda_device"] = -1
    config["distributed"] = {"cuda_devices": [0, 1]}
    config["trainer"]["callbacks"].insert(0, "workers")
    found = validated(config, tmp_path)
    assert keys(found.findings) == [("warning", "distributed.cuda_devices")]
    assert "it asks for GPU 0, 1, and" in str(found.findings[0])
    assert found.summary["workers"] == 2


def test_too_few_updates_to_close_a_head(tiny_bert: str, tmp_path: Path) -> None:
    config = training(tiny_bert)
    groups = config["trainer"]["optimizer"]["parameter_groups"]
    groups[1][1]["lr"] = 1e-3
    found = validated(config, tmp_path)
    updates = found.summary["updates"]
    assert keys(found.findings) == [("warning", "trainer.num_epochs")]
    message = str(found.findings[0])
    assert f"{updates} updates at a learning rate of 0.001 are too few" in message
    assert "about 5,000. Train longer" in message
    assert found.summary["gates"][0]["enough_updates_to_close"] is False
    groups[1][1]["lr"] = 5.0 / updates
    assert not validated(config, tmp_path).findings


def test_frozen_parameters(tiny_bert: str, tmp_path: Path) -> None:
    config = training(tiny_bert, "experiment { tasks: ['pos'] }")
    trained = validated(config, tmp_path).summary
    config = training(
        tiny_bert, "experiment { tasks: ['pos'], training+: { train_encoder: false } }"
    )
    frozen = validated(config, tmp_path).summary
    total = sum(trained["parameters"].values())
    assert trained["parameters"]["frozen"] == 0 < frozen["parameters"]["frozen"]
    assert sum(frozen["parameters"].values()) == total
    assert frozen["memory"]["optimizer"] == 8 * frozen["parameters"]["trained"]
    assert frozen["memory"]["activations"] < trained["memory"]["activations"]


def test_memory_of_a_whole_batch(tiny_bert: str, tmp_path: Path) -> None:
    """What two examples keep, times the batch, is about what the whole batch keeps."""
    stages = built(training(tiny_bert, BOTH), tmp_path)
    assert stages.model is not None and stages.trainer is not None
    batches = batches_of(stages.loaders["train"])
    found = trial.check_forward(stages.model, batches, Findings())
    assert set(found) == {"pos", "sst2"}
    for task, own in batches.items():
        assert own.examples == 16
        whole = trial.kept_bytes(stages.model, own.largest)
        assert found[task] == pytest.approx(whole, rel=0.15)
    memory = estimated(stages.model, stages.trainer.optimizer, max(found.values()))
    trial.try_steps(stages.trainer, 2)
    states = [
        tensor.numel() * tensor.element_size()
        for state in stages.trainer.optimizer.state.values()
        for tensor in state.values()
        if torch.is_tensor(tensor) and tensor.dim()
    ]
    assert memory.optimizer == pytest.approx(sum(states), rel=0.05)
    assert memory.gradients == sum(p.numel() * 4 for p in stages.model.parameters())
    assert memory.total > memory.weights + memory.gradients + memory.optimizer


def test_optimizers_without_moments(tiny_bert: str, tmp_path: Path) -> None:
    stages = built(training(tiny_bert, "experiment { tasks: ['pos'] }"), tmp_path)
    assert stages.model is not None
    parameters = list(stages.model.parameters())
    plain = estimated(stages.model, torch.optim.SGD(parameters, lr=0.1), 0)
    moving = estimated(stages.model, torch.optim.SGD(parameters, lr=0.1, momentum=0.9), 0)
    assert (plain.optimizer, moving.optimizer) == (0, moving.gradients)


def test_the_largest_batch() -> None:
    def batch(examples: int, pieces: int) -> dict[str, Any]:
        ids = torch.zeros(examples, pieces, dtype=torch.long)
        return {"tokens": {"t": {"token_ids": ids}}, "task": ["a"] * examples}

    one = Batches(None, 7, {**batch(5, 7), "loader_tasks": ["a", "b"]})
    assert (one.examples, one.pieces) == (5, 35)
    sample = one.sample(2)
    assert sample["tokens"]["t"]["token_ids"].shape == (2, 7)
    assert (sample["task"], sample["loader_tasks"]) == (["a", "a"], ["a", "b"])
    assert one.sample(9)["task"] == ["a"] * 5


def test_nothing_is_left_behind(
    tiny_bert: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    random.seed(5)
    torch.manual_seed(5)
    before = random.getstate(), torch.get_rng_state()
    config = training(tiny_bert)
    found = validated(config, tmp_path, steps=3)
    assert not found.findings
    assert random.getstate() == before[0] and torch.equal(torch.get_rng_state(), before[1])
    put(config, "trainer.validation_metric", "+nothing")
    assert validated(config, tmp_path).findings.failed
    assert not list(temporary.iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json", "temporary"]


def test_steps_that_are_tried(tiny_bert: str, tmp_path: Path) -> None:
    found = validated(training(tiny_bert), tmp_path, steps=2)
    tried = found.summary["tried"]
    assert tried["count"] == 2 and tried["seconds"] > 0
    batches = found.summary["batches_per_epoch"] * found.summary["epochs"]
    assert tried["training_seconds"] == pytest.approx(tried["seconds"] * batches)
    assert "2 steps tried" in found.as_text()


def test_a_start_that_is_not_trained_yet(tiny_bert: str, tmp_path: Path) -> None:
    config = training(tiny_bert, "experiment { tasks: ['pos'], start_from: 'out/none.tar.gz' }")
    found = validated(config, tmp_path)
    key = "model.initializer.regexes.0.1.weights_file_path"
    assert keys(found.findings) == [("error", key)]
    assert found.summary["updates"] > 0


def test_phases(tiny_bert: str, tmp_path: Path) -> None:
    halves = "[{ task: 'pos', share: 1.0 }, { task: 'dep', share: 1.0, optimizer: 'reset' }]"
    config = training(tiny_bert, f"experiment {{ tasks: ['pos', 'dep'], phases: {halves} }}")
    found = validated(config, tmp_path, steps=1)
    assert not found.findings and found.summary["tried"]["count"] == 1
