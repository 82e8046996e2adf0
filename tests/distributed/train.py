"""`allennlp train` with several workers, in processes that start fast and cannot hang."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import numpy
import torch
import torch.multiprocessing
from allennlp.commands.train import train_model
from allennlp.common import Params

from tests.distributed import (
    launch,  # prepares the server that processes are forked from
    plugins,  # noqa: F401
)
from tests.training.configs import Config
from tests.training.runs import train

PLUGINS = ["tests.distributed.plugins"]


def train_alone(config: Config, folder: Path, accumulated: int) -> None:
    """One process, which accumulates this many batches to an update."""
    config = json.loads(json.dumps(config))
    config["trainer"]["num_gradient_accumulation_steps"] = accumulated
    train(config, folder)


def train_together(
    config: Config, folder: Path, world: int = 2, recover: bool = False, node: int = 0, **nodes: Any
) -> None:
    """
    What `allennlp train` does with a configuration that is `distributed` over so many workers of
    this node; `nodes` is what the block says of several.

    Raises what a worker raises, and `AssertionError` when they do not end in 600 seconds.
    """
    config = {
        **json.loads(json.dumps(config)),
        "distributed": {
            "cuda_devices": [-1] * world,
            "ddp_accelerator": "multitask_torch",
            **nodes,
        },
    }
    with mock.patch.object(torch.multiprocessing, "spawn", _forked):
        train_model(
            Params(config),
            str(folder),
            recover=recover,
            node_rank=node,
            include_package=PLUGINS,
        )


def _forked(function: Callable[..., Any], args: tuple[Any, ...], nprocs: int) -> None:
    workers = torch.multiprocessing.start_processes(
        function, args, nprocs, join=False, start_method="forkserver"
    )
    assert workers is not None
    end = time.monotonic() + launch.TIMEOUT
    try:
        while not workers.join(timeout=0.1):
            if time.monotonic() > end:
                raise AssertionError(f"the workers did not end in {launch.TIMEOUT:.0f} seconds")
    finally:
        for process in workers.processes:
            if process.is_alive():
                process.kill()
            process.join()


def left_by(folder: Path) -> dict[str, Any]:
    """What a training leaves that does not depend on how many processes it had."""
    last = max(folder.glob("training_state_*.th"), key=lambda path: path.stat().st_mtime)
    training = torch.load(last)
    epochs = sorted(folder.glob("metrics_epoch_*.json"))
    scores = folder / "heads" / "scores" / "scores.json"
    return {
        "best": torch.load(folder / "best.th"),
        "last": torch.load(str(last).replace("training_state", "model_state")),
        "moments": training["optimizer"]["state"],
        "point": last.name.partition("_b")[0],
        "epochs": [_metrics(path) for path in epochs],
        "metrics": _metrics(folder / "metrics.json"),
        "examples": {path.name: _arrays(path) for path in folder.glob("heads/*/*.npz")},
        "scores": json.loads(scores.read_text()) if scores.exists() else None,
    }


def _arrays(path: Path) -> dict[str, Any]:
    with numpy.load(path) as arrays:
        return {name: arrays[name].tolist() for name in arrays}


def _metrics(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text())
    return {k: v for k, v in found.items() if not k.endswith(("_duration", "_memory_MB"))}


def assert_close(found: Any, wanted: Any, where: str = "run") -> None:
    """Near equality of nested states that names the first difference."""
    if isinstance(wanted, dict):
        assert isinstance(found, dict) and found.keys() == wanted.keys(), where
        for key, value in wanted.items():
            assert_close(found[key], value, f"{where}[{key!r}]")
    elif isinstance(wanted, (list, tuple)):
        assert len(found) == len(wanted), where
        for index, value in enumerate(wanted):
            assert_close(found[index], value, f"{where}[{index}]")
    elif isinstance(wanted, (float, numpy.ndarray, torch.Tensor)):
        numpy.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-8, err_msg=where)
    else:
        assert found == wanted, where
