"""
Callbacks in a training of two workers: what each of them decides and reports is what one process
decides and reports that accumulates two batches to an update.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy
import pytest
import torch

from tests.distributed import plugins  # noqa: F401
from tests.distributed.train import train_alone, train_together
from tests.training import configs
from tests.training.configs import Config

WORLD = 2
IGNORED = ("name", "bytes", "weights_sha256", "encoder_sha256", "sha256", "pretrained_sha256")
"""
Digests of weights that differ by rounding, the run's folder, and the size of archives, whose
configurations say how many workers there were.
"""


def reports(encoder: str, data: Path) -> Config:
    """Important-head training and everything that is measured; 5 batches, so one is left over."""
    config = _small(configs.multitask(encoder, data))
    config["model"]["backbone"]["gates"] = "open"
    few = {"draws": 20, "examples": 9}
    config["trainer"]["callbacks"] = [
        "workers",
        "example_scores",
        {"type": "important_head_training", "start": 0.4, "recompute_every": "epoch"},
        {"type": "head_importance", "importance": few, "every_epochs": 1},
        {"type": "head_dissociation", "draws": 1, "examples": 9, "rounds": 20},
        {"type": "head_probe", "probe": {"draws": 20, "sentences": 5, "trees": False}},
        {"type": "task_embedding", "embedding": {"examples": 9, "batch_size": 2}},
    ]
    return config


def closing(encoder: str, data: Path) -> Config:
    """Gates of each task, led to a target, then final; the pruned model is written."""
    config = _small(configs.multitask(encoder, data))
    config["model"]["backbone"]["gates"] = {
        "type": "per_task",
        "tasks": ["pos", "dep"],
        "gates": {"type": "hard_concrete", "coefficient": 0.05},
    }
    config["trainer"]["num_epochs"] = 3
    config["trainer"]["callbacks"] = [
        "workers",
        {"type": "gate_report", "gif": False},
        {"type": "sparsity_target", "target": 0.25},
        {"type": "remove_heads", "keep": 0.5, "task": "dep", "finetune_epochs": 1, "plain": False}
        | {"measure": False},
    ]
    return config


def _small(config: Config) -> Config:
    config["model"]["type"] = "test_double"
    config["data_loader"]["max_instances"] = {"pos": 10, "dep": 15}
    config["trainer"].update(
        {
            "num_epochs": 2,
            "num_gradient_accumulation_steps": 1,
            "checkpointer": "atomic",
        }
    )
    return config


class Runs(NamedTuple):
    one: Path
    two: Path

    def watched(self) -> list[dict[str, Any]]:
        """Of one process, and of both workers."""
        files = [self.one / "watched_0.th"]
        files += [self.two / f"watched_{rank}.th" for rank in range(WORLD)]
        return [torch.load(file, weights_only=False) for file in files]


@pytest.fixture(scope="module", params=[reports, closing], ids=["reports", "closing"])
def runs(
    request: pytest.FixtureRequest,
    tiny_bert: str,
    fixtures_root: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Runs]:
    make: Callable[..., Config] = request.param
    config = make(tiny_bert, fixtures_root)
    watcher = {"type": "tests.distributed_callbacks.watcher.Watcher"}
    config["trainer"]["callbacks"] += ["exact_resume", watcher]
    found = Runs(*(tmp_path_factory.mktemp(name) / "run" for name in ("one", "two")))
    train_alone(config, found.one, accumulated=WORLD)
    train_together(config, found.two, WORLD)
    yield found


def test_the_weights(runs: Runs) -> None:
    one, first, second = (watched["weights"] for watched in runs.watched())
    for name, wanted in one.items():
        assert torch.equal(first[name], second[name]), name
        torch.testing.assert_close(first[name], wanted, rtol=1e-6, atol=1e-8)


def test_the_decisions(runs: Runs) -> None:
    one, first, second = runs.watched()
    for what in ("states", "gates"):
        assert_close(second[what], first[what], what, tolerance=0.0)
        assert_close(first[what], one[what], what)
    states = [found["states"].get("ImportantHeadTraining", {}) for found in (first, one)]
    choices = [state.get("choices", []) for state in states]
    for mine, wanted in zip(*choices, strict=True):
        assert all(torch.equal(mine["masks"][task], mask) for task, mask in wanted["masks"].items())


def test_only_the_primary_worker_writes(runs: Runs) -> None:
    one, first, second = runs.watched()
    assert second["written"] == []
    assert one["written"], "the watcher sees nothing"
    below_one, below_two = (
        # what is written as a whole is written under a name of its own first
        [re.sub(r"/\.[^/]+", "/.", file.replace(str(folder), "")) for file in written]
        for folder, written in ((runs.one, one["written"]), (runs.two, first["written"]))
    )
    assert below_two == below_one


def test_nothing_is_left_behind(runs: Runs) -> None:
    for watched in runs.watched():
        assert watched["hooks"] == runs.watched()[0]["hooks"] and not any(watched["waiting"])


def test_the_reports(runs: Runs) -> None:
    found, wanted = (_files(folder) for folder in (runs.two, runs.one))
    assert found.keys() == wanted.keys() and wanted
    for name in wanted:
        assert_close(_read(found[name]), _read(wanted[name]), name)


def _files(folder: Path) -> dict[str, Path]:
    places = [folder / "heads", folder / "pruned"]
    return {
        str(path.relative_to(folder)): path
        for place in places
        for path in sorted(place.rglob("*"))
        # with the configuration, which says how many workers there were
        if path.is_file() and path.name not in ("model.tar.gz", "config.json")
    }


def _read(file: Path) -> Any:
    if file.suffix == ".npz":
        return dict(numpy.load(file, allow_pickle=False))
    return json.loads(file.read_text()) if file.suffix == ".json" else None


def assert_close(found: Any, wanted: Any, where: str, tolerance: float = 1e-6) -> None:
    """Nested numbers within a tolerance, all else equal; names the first difference."""
    if isinstance(wanted, dict):
        assert found.keys() == wanted.keys(), where
        for key in wanted.keys() - set(IGNORED):
            assert_close(found[key], wanted[key], f"{where}, {key}", tolerance)
    elif isinstance(wanted, (list, tuple)):
        assert len(found) == len(wanted), where
        for place, value in enumerate(wanted):
            assert_close(found[place], value, f"{where}, {place}", tolerance)
    elif isinstance(wanted, (torch.Tensor, numpy.ndarray)) and _numbers(wanted):
        numpy.testing.assert_allclose(found, wanted, tolerance, tolerance, err_msg=where)
    elif isinstance(wanted, float):
        assert found == pytest.approx(wanted, rel=tolerance, abs=tolerance, nan_ok=True), where
    elif isinstance(wanted, numpy.ndarray):
        assert numpy.array_equal(found, wanted), where
    else:
        assert found == wanted, where


def _numbers(values: Any) -> bool:
    return isinstance(values, torch.Tensor) or values.dtype.kind in "fiub"
