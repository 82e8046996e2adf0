"""
A run of 200 epochs with every callback that looks at the model each epoch: memory does not grow,
and nothing is left afterwards.
"""

from __future__ import annotations

import ctypes
import gc
import itertools
import multiprocessing
import os
import sys
import tempfile
import threading
import tracemalloc
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import torch
from allennlp.training.callbacks import TrainerCallback
from matplotlib import pyplot

from allennlp_heads.reports import gate_pictures
from tests.training.configs import Config, multitask
from tests.training.runs import train

EPOCHS, WARM, RESIDENT_TO, TRACED = 200, 50, 170, 175
"""
Measured from epoch `WARM` on: the process's memory up to epoch `RESIDENT_TO`, after which Python's
allocations are traced, which takes memory and time itself, and are compared from `TRACED` on.
"""
RESIDENT = 8 * 2**20
"""
Bytes of the process that may come in these 120 epochs. What the reports show over time is kept for
all epochs: some kilobytes an epoch. The rest is the allocator's.
"""
COLLECTED_EVERY = 5
"""
Epochs. Cycles wait for Python's collector, which comes the more seldom the more objects there are:
without this the process takes up to 50 MB more until epoch 200, and from there on no more.
"""
OBJECTS_AN_EPOCH, TENSORS_AN_EPOCH, ALLOCATED_AN_EPOCH = 60, 1, 16 * 2**10
"""What may be kept of an epoch: its rows of gates, scores and measurements."""
IMPORTANCE: Config = {"examples": 4, "batch_size": 4, "draws": 10}
PROBE: Config = {"draws": 2, "direction": "to_head", "sentences": 4, "batch_size": 4}
HOOKS = [name for name in vars(torch.nn.Module()) if name.endswith("_hooks")]


@dataclass
class Measured:
    """What there is at the end of an epoch."""

    resident: int
    objects: int
    tensors: int
    allocated: int
    hooks: int
    threads: int
    files: int
    figures: int


def measured(model: torch.nn.Module) -> Measured:
    gc.collect()
    # what is free, but kept by the allocator for the next time, differs from run to run
    getattr(ctypes.CDLL(None), "malloc_trim", int)(0)
    alive = gc.get_objects()
    return Measured(
        resident=int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"),
        objects=len(alive),
        tensors=sum(issubclass(type(one), torch.Tensor) for one in alive),
        allocated=tracemalloc.get_traced_memory()[0],
        hooks=hooks_of(model),
        threads=threading.active_count(),
        files=len(os.listdir("/proc/self/fd")),
        figures=len(pyplot.get_fignums()),
    )


def hooks_of(model: torch.nn.Module) -> int:
    return sum(
        len(getattr(module, name) or ()) for module in model.modules() for name in HOOKS
    ) + sum(len(one._backward_hooks or ()) for one in model.parameters())


@TrainerCallback.register("test_measure")
class Measure(TrainerCallback):
    """Measures after all other callbacks."""

    taken: dict[int, Measured] = {}

    def on_start(self, trainer: Any, is_primary: bool = True, **kwargs: Any) -> None:
        self.taken[-1] = measured(trainer.model)

    def on_epoch(self, trainer: Any, metrics: Any, epoch: int, *args: Any, **kwargs: Any) -> None:
        if epoch % COLLECTED_EVERY == 0:
            gc.collect()
        if epoch in (WARM, RESIDENT_TO, TRACED, EPOCHS - 1):
            self.taken[epoch] = measured(trainer.model)
        if epoch == RESIDENT_TO:
            tracemalloc.start()

    def on_end(self, trainer: Any, *args: Any, **kwargs: Any) -> None:
        tracemalloc.stop()
        self.taken[EPOCHS] = measured(trainer.model)


def watched(encoder: str, data: Path) -> Config:
    config = multitask(encoder, data)
    for loader, sentences in (("data_loader", 4), ("validation_data_loader", 4)):
        config[loader].update({"max_instances": sentences, "batch_size": 4})
    config["trainer"].update(
        {
            "num_epochs": EPOCHS,
            "checkpointer": {
                "type": "atomic",
                "keep_most_recent_by_count": 1,
                "save_completed_epochs": False,  # which takes most of the time
                "save_every_num_batches": 20,
            },
            "callbacks": [
                {"type": "gate_report", "gif": False},
                "example_scores",
                {"type": "sparsity_target", "target": 0.5},
                {"type": "head_importance", "importance": IMPORTANCE, "every_epochs": 5},
                {"type": "head_probe", "probe": PROBE, "tasks": ["dep"], "every_epochs": 10},
                {"type": "important_head_training", "examples": 4, "start": 0.1},
                "exact_resume",
                "test_measure",
            ],
        }
    )
    return config


def now_and_then(draw: Any, every: int = 20) -> Any:
    """Pictures would take most of the time."""
    calls = itertools.count()
    return lambda *args, **options: draw(*args, **options) if next(calls) % every == 0 else []


def trained(encoder: str, data: Path, folder: Path, temporary: Path) -> dict[int, Measured]:
    """What was measured; for a process that does only this."""
    tempfile.tempdir = str(temporary)
    seldom = now_and_then(gate_pictures.write_current)
    with mock.patch.object(gate_pictures, "write_current", seldom):
        train(watched(encoder, data), folder)
    return Measure.taken


@pytest.fixture(scope="module")
def run(
    tiny_bert: str, fixtures_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[int, Measured], Path]:
    """
    In a process of its own: what thousands of other tests left behind in this one is given back
    to the system, or asked for again, in its own time.
    """
    temporary, folder = tmp_path_factory.mktemp("temporary"), tmp_path_factory.mktemp("memory")
    own = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=own) as process:
        given = (tiny_bert, fixtures_root, folder / "run", temporary)
        return process.submit(trained, *given).result(), temporary


def test_memory_does_not_grow(run: tuple[dict[int, Measured], Path]) -> None:
    taken, _ = run
    warm, traced, last = taken[WARM], taken[TRACED], taken[EPOCHS - 1]
    epochs = EPOCHS - 1 - WARM
    assert taken[RESIDENT_TO].resident - warm.resident < RESIDENT
    assert last.objects - warm.objects < OBJECTS_AN_EPOCH * epochs
    assert last.tensors - warm.tensors <= TENSORS_AN_EPOCH * epochs
    assert last.allocated - traced.allocated < ALLOCATED_AN_EPOCH * (EPOCHS - 1 - TRACED)


@pytest.mark.parametrize("what", ["hooks", "threads", "files", "figures"])
def test_what_is_opened_is_closed(run: tuple[dict[int, Measured], Path], what: str) -> None:
    taken, _ = run
    assert getattr(taken[EPOCHS - 1], what) <= getattr(taken[WARM], what)
    # the log and the pool of the tokenizer's threads are opened while it trains
    before = WARM if what == "files" else -1
    assert getattr(taken[EPOCHS], what) <= getattr(taken[before], what), "at the end"


def test_no_temporary_files_are_left(run: tuple[dict[int, Measured], Path]) -> None:
    assert not list(run[1].iterdir())


def test_caches_have_an_end(run: tuple[dict[int, Measured], Path]) -> None:
    modules = [one for name, one in sys.modules.items() if name.startswith("allennlp_heads.")]
    caches = {one for module in modules for one in vars(module).values() if _is_cache(one)}
    assert caches
    for cache in caches:
        found = cache.cache_info()
        assert found.maxsize is not None or found.currsize <= 2, cache


def _is_cache(value: Any) -> bool:
    return callable(getattr(value, "cache_info", None))
