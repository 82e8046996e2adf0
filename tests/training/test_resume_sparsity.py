"""Killed and resumed runs that lead their gates to a target."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.training import configs
from tests.training.runs import Unkilled, train_killed


@pytest.fixture(scope="module")
def unkilled(
    tiny_bert: str, fixtures_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Unkilled:
    """Gates of single tasks under accumulation, some epochs of which reach the target."""
    made = configs.multitask(tiny_bert, fixtures_root)
    made["model"]["backbone"]["gates"] = {"type": "per_task", "tasks": ["pos", "dep"]}
    made["trainer"]["optimizer"]["parameter_groups"][0][1]["lr"] = 0.8
    made["trainer"]["num_epochs"] = 6
    made["trainer"]["callbacks"] = [
        "test_kill",
        {"type": "sparsity_target", "target": 0.25, "control": {"warmup": 0.6}},
        "exact_resume",
    ]
    return Unkilled(made, tmp_path_factory.mktemp("sparsity") / "run")


def test_the_run_has_something_to_lose(unkilled: Unkilled) -> None:
    """Multipliers of two tasks, epochs that count and epochs that do not."""
    report = json.loads(unkilled.left["reports"]["heads/sparsity.json"])
    reached = [all(s["reached"] for s in e["sets"].values()) for e in report["epochs"]]
    assert any(reached) and not all(reached)
    assert reached[report["best_epoch"]]
    coefficients = {s["coefficient"] for e in report["epochs"] for s in e["sets"].values()}
    assert len(coefficients) == 12


@pytest.mark.parametrize(
    "moment",
    [
        ("batch", 0, 1),  # before the first checkpoint
        ("saved", 0, 3),  # in the first epoch, before any epoch counts
        ("saved", 1, 0),  # between the checkpoint and best.th
        ("epoch", 2),  # between epochs, before the checkpoint
        ("batch", 3, 4),  # in an epoch, after a checkpoint in its middle
        ("validation batch", 4, 2),
        ("end",),
    ],
    ids=lambda moment: " ".join(map(str, moment)),
)
def test_killed_at(unkilled: Unkilled, tmp_path: Path, moment: tuple[Any, ...]) -> None:
    train_killed(unkilled.config, tmp_path, *moment)
    unkilled.assert_same(tmp_path)
