"""Killed and resumed runs that answer questions, with all that watches and steers a training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest

from tests import qa_tasks
from tests.training.runs import Unkilled, train_killed


@pytest.fixture(scope="module")
def unkilled(tiny_bert: str, fixtures_root: Path, tmp_path_factory: Any) -> Unkilled:
    """Three epochs of three updates; masks after the 5th and the 8th."""
    made = qa_tasks.config(tiny_bert, fixtures_root, "v2.0", null_threshold=0.0)
    backbone = made["model"]["backbone"]
    backbone |= {"word_dropout": 0.2, "gates": {"type": "hard_concrete", "coefficient": 0.05}}
    made["trainer"] = {
        "num_epochs": 3,
        "validation_metric": "+score",
        "cuda_device": -1,
        "num_gradient_accumulation_steps": 2,
        "optimizer": {"type": "adamw_fused", "lr": 0.01, "weight_decay": 0.1},
        "checkpointer": {"type": "test_kill", "save_every_num_batches": 2},
        "callbacks": [
            "test_kill",
            {"type": "gate_report", "gif": False},
            "example_scores",
            {"type": "important_head_training", "start": 0.5, "recompute_every": 3, "examples": 5},
            {"type": "head_importance", "importance": {"examples": 4, "draws": 5}},
            "exact_resume",
        ],
    }
    return Unkilled(made, tmp_path_factory.mktemp("qa") / "run")


def test_the_run_has_something_to_lose(unkilled: Unkilled) -> None:
    reports = unkilled.left["reports"]
    choices = json.loads(reports["heads/important_head_training.json"])["choices"]
    assert len(choices) == 2 and choices[0]["masks"].keys() == {"squad", "sst2"}
    assert choices[0]["masks"]["squad"] != choices[0]["masks"]["sst2"]
    assert "squad" in json.loads(reports["heads/importance.json"])["tasks"]


def test_scores_of_examples(unkilled: Unkilled, tmp_path: Path) -> None:
    """Their sums are the metrics of the trainer, to the last digit but one."""
    reports = unkilled.left["reports"]
    (tmp_path / "squad.npz").write_bytes(reports["heads/scores/squad.validation.npz"])
    with numpy.load(tmp_path / "squad.npz") as arrays:
        counts = arrays["counts"]
    assert counts.dtype == numpy.float64 and counts.shape == (3, 9, 3)
    kept = json.loads(reports["heads/scores/scores.json"])["tasks"]["squad"]
    assert kept["metric"] == "token_f1"
    for epoch, metrics in enumerate(unkilled.metrics):
        mean = counts[epoch].sum(0) / 9
        assert metrics["validation_squad_token_f1"] == pytest.approx(mean[0], rel=1e-12)
        assert metrics["validation_squad_exact_match"] == pytest.approx(mean[1], rel=1e-12)
        assert kept["token_f1"][epoch] == counts[epoch, :, 0].sum()
        assert kept["questions"][epoch] == 9


@pytest.mark.parametrize(
    "moment",
    [("saved", 1, 2), ("batch", 1, 3), ("epoch", 1)],
    ids=lambda moment: " ".join(map(str, moment)),
)
def test_killed_at(unkilled: Unkilled, tmp_path: Path, moment: tuple[Any, ...]) -> None:
    train_killed(unkilled.config, tmp_path, *moment)
    unkilled.assert_same(tmp_path)
