"""Runs a function in several processes that talk over gloo."""

import os
import pickle
import tempfile
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
import torch.distributed
import torch.multiprocessing

TIMEOUT = 600.0
# Forked from a fresh process that has imported the package once for all tests of a session:
# spawned ones would import it once a worker, which takes most of the time.
CONTEXT = torch.multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["allennlp_heads", "tests.distributed.launch"])


def run_workers(function: Callable[..., Any], world: int = 2, *args: Any) -> list[Any]:
    """
    Call `function(*args)` in `world` new processes, each a worker of one distributed training.

    They find each other by a file, not a port, and end with the call, whatever happens.

    # Parameters

    function : `Callable[..., Any]`
        Of a module, since it is pickled by its name; so are arguments and results.
    world : `int`, optional (default = `2`)

    # Returns

    `List[Any]`
        What it returned, in order of rank.

    Raises `AssertionError` with the worker's own traceback when one of them raises, dies or does
    not end in 600 seconds.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        workers = [
            CONTEXT.Process(target=_work, args=(folder, rank, world, function, args), daemon=False)
            for rank in range(world)
        ]
        try:
            for worker in workers:
                worker.start()
            _wait(workers, folder)
        finally:
            for worker in workers:
                if worker.pid is not None:
                    worker.kill()
                    worker.join()
        return [pickle.loads(_result(folder, rank).read_bytes()) for rank in range(world)]


def _work(
    folder: Path, rank: int, world: int, function: Callable[..., Any], args: tuple[Any, ...]
) -> None:
    torch.set_num_threads(1)
    try:
        torch.distributed.init_process_group(
            "gloo",
            store=torch.distributed.FileStore(str(folder / "store"), world),
            rank=rank,
            world_size=world,
            timeout=timedelta(seconds=TIMEOUT),
        )
        result = pickle.dumps(function(*args))
        torch.distributed.barrier()
    except BaseException:
        _error(folder, rank).write_text(traceback.format_exc())
        # at once: a usual end would wait for threads of gloo, and they for the other workers
        os._exit(1)
    _result(folder, rank).write_bytes(result)
    torch.distributed.destroy_process_group()


def _wait(workers: list[Any], folder: Path) -> None:
    end = time.monotonic() + TIMEOUT
    while any(worker.exitcode is None for worker in workers):
        if any(worker.exitcode for worker in workers):
            break
        if time.monotonic() > end:
            still = [rank for rank, worker in enumerate(workers) if worker.exitcode is None]
            raise AssertionError(f"workers {still} did not end in {TIMEOUT:.0f} seconds")
        time.sleep(0.02)
    failed = [rank for rank, worker in enumerate(workers) if worker.exitcode]
    if failed:
        raise AssertionError("\n".join(_reason(folder, rank, workers[rank]) for rank in failed))


def _reason(folder: Path, rank: int, worker: Any) -> str:
    said = _error(folder, rank)
    reason = said.read_text() if said.exists() else f"ended with status {worker.exitcode}"
    return f"worker {rank} failed: {reason}"


def _result(folder: Path, rank: int) -> Path:
    return folder / f"result_{rank}"


def _error(folder: Path, rank: int) -> Path:
    return folder / f"error_{rank}"
