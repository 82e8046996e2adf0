"""What is done on the nodes of a Ray cluster: seeing the folder, and attempts at runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from allennlp_heads.grid.executor import FAILED, PlannedRun, RunEnd
from allennlp_heads.grid.local_executor import LocalExecutor
from allennlp_heads.grid.machine import Machine

_POLL = 1.0  # seconds between two chances to be interrupted

SENT = ("ALLENNLP_", "HEADS_", "HF_", "TRANSFORMERS_")
"""How the names of variables begin that a run has from the command, wherever it is done."""


def answer(folder: str, token: str, node: str) -> str:
    """
    Whether a folder is the one that the command sees: the file `token` in it must be there, and a
    file with the name of the node is written beside it.

    # Returns

    `str`
        What is wrong; nothing where it is the same folder.
    """
    if not (Path(folder) / token).is_file():
        return "does not see it"
    try:
        (Path(folder) / node).write_text("")
    except OSError as error:
        return f"cannot write into it ({error.strerror})"
    return ""


def attempt(
    run: PlannedRun,
    anew: bool,
    environment: Mapping[str, str],
    token: str,
) -> RunEnd:
    """
    One attempt in a process of its own, forked like those of a grid on one machine: a worker of Ray
    that gets several runs imports once. The process ends with the worker, even when that is killed.

    # Parameters

    run : `PlannedRun`
    anew : `bool`
    environment : `Dict[str, str]`
        Variables of the command's.
    token : `str`
        A file of the command's, by which its folder is known: this node may have come later.
    """
    if not Path(token).is_file():
        return RunEnd(run.name, FAILED, f"{Path(run.folder).parent} is not shared with its node")
    import ray

    os.environ.update(environment)
    # what Ray has counted is not counted again
    gpus = tuple(str(gpu) for gpu in ray.get_gpu_ids())
    there = Machine(run.needs.cpus, gpus, float("inf"))
    with _without_program():
        here = LocalExecutor(jobs=1, machine=there)
        try:
            here.start(run, anew)
            while True:
                for end in here.poll(_POLL):
                    return end
        except KeyboardInterrupt:  # how Ray asks a task to end
            return RunEnd(run.name, FAILED, "it was stopped")
        finally:
            here.close()


@contextmanager
def _without_program() -> Iterator[None]:
    """A new process would import the program that this one runs, which here is Ray's worker."""
    program = sys.modules["__main__"]
    path = program.__dict__.pop("__file__", None)
    try:
        yield
    finally:
        if path is not None:
            program.__file__ = path
