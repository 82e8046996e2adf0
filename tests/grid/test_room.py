"""What runs beside what on one machine; nothing is started."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.grid import local_executor
from allennlp_heads.grid.executor import Needs
from allennlp_heads.grid.local_executor import LocalExecutor, _Going
from allennlp_heads.grid.machine import Machine
from tests.grid.fake import planned

Executor = Callable[..., LocalExecutor]


@pytest.fixture
def executor(monkeypatch: pytest.MonkeyPatch) -> Executor:
    """With four cores, two GPUs and 8 GB."""
    context = multiprocessing.get_context("spawn")
    monkeypatch.setattr(local_executor, "_forking", lambda: context)
    return lambda jobs=None: LocalExecutor(jobs, Machine(4, ("2", "5"), 8.0))


def fits(executor: LocalExecutor, *needs: Needs) -> list[bool]:
    """Whether each would fit after those before it; what fits is then going."""
    found = []
    for number, one in enumerate(needs):
        run = replace(planned(Path("out"), f"run{number}"), needs=one)
        found.append(executor.fits(run))
        if found[-1]:
            gpus = tuple(executor._free_gpus()[: one.gpus])
            executor._going[run.name] = _Going(mock.Mock(), one, gpus)
    return found


def test_cores_gpus_and_memory_are_shared(executor: Executor) -> None:
    assert fits(executor(), Needs(3), Needs(2), Needs(1), Needs(1)) == [True, False, True, False]
    assert fits(executor(), Needs(gpus=2), Needs(gpus=1), Needs()) == [True, False, True]
    assert fits(executor(), Needs(memory=5), Needs(memory=4), Needs()) == [True, False, True]


def test_a_number_of_jobs_replaces_cores(executor: Executor) -> None:
    assert fits(executor(2), Needs(9), Needs(9), Needs(1)) == [True, True, False]
    assert fits(executor(9), Needs(gpus=2), Needs(gpus=1)) == [True, False]


def test_gpus_keep_the_names_that_they_have(executor: Executor) -> None:
    local = executor()
    fits(local, Needs(gpus=1), Needs(gpus=1))
    assert [one.gpus for one in local._going.values()] == [("2",), ("5",)]


@pytest.mark.parametrize(
    ("needs", "message"),
    [
        (Needs(5), "ask for 5 CPUs, but this machine has 4"),
        (Needs(gpus=3), "ask for 3 GPUs, but this machine has 2"),
        (Needs(memory=8.5), "ask for 8.5 GB of memory, but this machine has 8"),
    ],
)
def test_what_never_fits_is_said_at_once(executor: Executor, needs: Needs, message: str) -> None:
    run = replace(planned(Path("out"), "big"), needs=needs)
    with pytest.raises(ConfigurationError, match=f"big: resources {message}"):
        executor().check(run)
    if needs.cpus > 1:
        executor(1).check(run)


def test_this_machine_has_something(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", " 3, 1")
    machine = Machine.this()
    assert machine.cpus >= 1 and machine.memory > 0.1 and machine.gpus == ("3", "1")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert Machine.this().gpus == ()
