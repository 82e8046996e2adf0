"""Training on a GPU, with everything that looks into it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch

from allennlp_heads.models import MultiTaskHeads
from tests.gpu.configs import REPORTS, every_head
from tests.training.configs import Config, mixing
from tests.training.runs import assert_equal, left_by, train, train_killed

MIXED: dict[str, Config] = {
    "float32": {"trainer": {}, "model": {}},
    "bfloat16": {
        "trainer": {},
        "model": {"autocast": "bfloat16", "loss_balancer": {"type": "moving_average"}},
    },
    "float16": {"trainer": {"use_amp": True}, "model": {}},
}


def places(model: torch.nn.Module) -> set[str]:
    """The devices of all that a model has."""
    return {str(tensor.device) for tensor in (*model.parameters(), *model.buffers())}


@pytest.mark.parametrize("precision", MIXED)
def test_every_head_in_every_precision(
    gpu: Any, precision: str, tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    """And with the first of them, all callbacks that only look."""
    callbacks = REPORTS if precision == "float32" else ["exact_resume"]
    config = every_head(tiny_bert, fixtures_root, callbacks, **MIXED[precision]["trainer"])
    config["model"] |= MIXED[precision]["model"]
    model = train(config, tmp_path / "run")
    assert isinstance(model, MultiTaskHeads) and places(model) == {"cuda:0"}
    metrics = json.loads((tmp_path / "run/metrics.json").read_text())
    assert math.isfinite(metrics["validation_loss"])
    if precision == "float32":
        found = {path.name for path in (tmp_path / "run/heads").iterdir()}
        assert {"importance.json", "probe.json", "gates.json", "dissociation.json"} <= found
        assert {"embeddings", "scores"} <= found


@pytest.mark.parametrize("amp", [False, True])
def test_important_heads_also_with_scaled_gradients(
    gpu: Any, amp: bool, tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    # late, since the first updates find the scale and change nothing
    important = {"type": "important_head_training", "start": 0.8, "examples": 3}
    callbacks = [important, "exact_resume"]
    config = every_head(tiny_bert, fixtures_root, callbacks, use_amp=amp)
    assert places(train(config, tmp_path / "run")) == {"cuda:0"}
    assert (tmp_path / "run/heads/important_head_training.json").exists()


def test_gates_that_are_led_to_a_target_and_removed(
    gpu: Any, tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    callbacks: list[Any] = [
        {"type": "sparsity_target", "target": 0.25},
        {"type": "remove_heads", "keep": 5, "finetune_epochs": 1, "plain": False},
        "exact_resume",
    ]
    config = every_head(tiny_bert, fixtures_root, callbacks, num_epochs=2)
    train(config, tmp_path / "run")
    pruned = json.loads((tmp_path / "run/pruned/heads/pruning.json").read_text())
    assert pruned["measured"]["device"] == "cuda:0", "where it was trained"


@pytest.mark.parametrize("moment", [("batch", 1, 3), ("epoch", 1)], ids=str)
def test_a_killed_run_goes_on_where_it_was(
    gpu: Any, moment: tuple[Any, ...], tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    """With the device's own random numbers; bit by bit where the device adds in one order."""
    config = mixing(tiny_bert, fixtures_root)
    config["trainer"] |= {"cuda_device": 0, "num_epochs": 3}
    config["data_loader"]["sampler"]["epochs"] = 3
    left = left_by(tmp_path / "whole", train(config, tmp_path / "whole"))
    train_killed(config, tmp_path / "killed", *moment)
    again = left_by(tmp_path / "killed", train(config, tmp_path / "killed", recover=True))
    if gpu is not None:
        assert_equal(again["model"], left["model"])
        assert_equal(again["optimizer"], left["optimizer"])
    for name, value in left["model"].items():
        torch.testing.assert_close(again["model"][name], value, rtol=1e-3, atol=1e-4, msg=name)
