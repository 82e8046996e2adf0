"""
Runs on this machine, each in a process of its own.

The processes are forked, one a run, from a server of the standard library (`forkserver`) that has
imported AllenNLP and the plugin once. A pool whose processes do one run after the other would pay
for the imports as rarely, but a run that is killed takes such a pool with it, and what a run leaves
behind in a process, memory, hooks, logging, random state, would be the next one's. Forking from the
command itself is not safe, which may have threads; the server has none.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import wait as first_ready
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess

from allennlp.common.checks import ConfigurationError

from allennlp_heads.grid.executor import FAILED, Needs, PlannedRun, RunEnd
from allennlp_heads.grid.machine import Machine
from allennlp_heads.grid.parent import end_with_parent
from allennlp_heads.grid.variables import variables_set

_GRACE = 10.0  # seconds in which a run must end that is told to
_PRELOADED = "allennlp_heads.grid.preload"
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# Where a process has asked CUDA itself whether there is a GPU, those forked from it cannot use one.
_ASK_NVML = {"PYTORCH_NVML_BASED_CUDA_CHECK": "1"}
_NO_IMAGES = "ignore:Failed to load image Python extension"  # of the tested torchvision


@dataclass(frozen=True)
class _Going:
    process: BaseProcess
    needs: Needs
    gpus: tuple[str, ...]


class LocalExecutor:
    """
    # Parameters

    jobs : `int`, optional (default = `None`)
        So many runs at a time, however many cores they want; without it as many as there are cores
        for. Memory and GPUs are never given twice.
    machine : `Machine`, optional (default = this one)
        What there is.
    """

    def __init__(self, jobs: int | None = None, machine: Machine | None = None) -> None:
        self._jobs = jobs
        self._machine = Machine.this() if machine is None else machine
        self._going: dict[str, _Going] = {}
        self._forked = _forking()
        self._spawned = multiprocessing.get_context("spawn")

    def check(self, run: PlannedRun) -> None:
        """Raise `ConfigurationError` for a run that would not even fit alone."""
        there = self._machine
        for what, wanted, most in (
            ("CPUs", run.needs.cpus if self._jobs is None else 0, there.cpus),
            ("GPUs", run.needs.gpus, len(there.gpus)),
            ("GB of memory", run.needs.memory, there.memory),
        ):
            if wanted > most:
                raise ConfigurationError(
                    f"{run.name}: resources ask for {wanted:g} {what}, but this machine has "
                    f"{most:g}: ask for less, or give --ray-address for a cluster"
                )

    def fits(self, run: PlannedRun) -> bool:
        """Whether it can be started now, beside those that are going."""
        going = [one.needs for one in self._going.values()]
        if self._jobs is None:
            room = sum(one.cpus for one in going) + run.needs.cpus <= self._machine.cpus
        else:
            room = len(going) < self._jobs
        memory = sum(one.memory for one in going) + run.needs.memory <= self._machine.memory
        return room and memory and len(self._free_gpus()) >= run.needs.gpus

    def start(self, run: PlannedRun, anew: bool) -> None:
        """Begin an attempt and return at once."""
        gpus = tuple(self._free_gpus()[: run.needs.gpus])
        threads = {"OMP_NUM_THREADS": str(run.threads), "TOKENIZERS_PARALLELISM": "false"}
        environment = {**os.environ, **threads, "CUDA_VISIBLE_DEVICES": ",".join(gpus)}
        environment.update(run.environment)
        # what is imported already does not look at variables again
        context: BaseContext = self._spawned if run.environment else self._forked
        process = context.Process(  # type: ignore[attr-defined]
            target=_attempt, args=(run, anew, environment), name=f"run {run.name}"
        )
        with variables_set(environment if run.environment else {}):
            process.start()
        self._going[run.name] = _Going(process, run.needs, gpus)

    def poll(self, timeout: float) -> list[RunEnd]:
        """The attempts that have ended since the last call, at once or within so many seconds."""
        sentinels = {one.process.sentinel: name for name, one in self._going.items()}
        ended = []
        for sentinel in first_ready(list(sentinels), timeout) if sentinels else ():
            name = sentinels[sentinel]  # type: ignore[index]
            process = self._going.pop(name).process
            process.join()
            status = process.exitcode
            process.close()
            ended.append(RunEnd(name, FAILED if status is None else status))
        return ended

    def close(self) -> None:
        """End all attempts that are still going."""
        for one in self._going.values():
            _signal(one.process, signal.SIGTERM)
        deadline = time.monotonic() + _GRACE
        for one in self._going.values():
            one.process.join(max(0.0, deadline - time.monotonic()))
            if one.process.is_alive():
                _signal(one.process, signal.SIGKILL)
                one.process.join()
        self._going.clear()

    def _free_gpus(self) -> list[str]:
        taken = {gpu for one in self._going.values() for gpu in one.gpus}
        return [gpu for gpu in self._machine.gpus if gpu not in taken]


def _forking() -> BaseContext:
    """The context of processes that have all imported, whose server begins to import now."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    from multiprocessing.forkserver import ensure_running

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([_PRELOADED])
    warnings = ",".join(filter(None, (os.environ.get("PYTHONWARNINGS"), _NO_IMAGES)))
    # a server with threads of a library could not be forked safely
    with variables_set({**_ONE_THREAD, **_ASK_NVML, "PYTHONWARNINGS": warnings}):
        ensure_running()
    return context


def _attempt(run: PlannedRun, anew: bool, environment: Mapping[str, str]) -> None:
    """In the process of a run."""
    os.setsid()  # not the terminal, but the command ends it, with all that it starts itself
    end_with_parent()
    signal.signal(signal.SIGTERM, _end)
    os.environ.clear()
    os.environ.update(environment)
    from allennlp_heads.grid.attempt import attempt_run

    sys.exit(attempt_run(run, anew))


def _end(number: int, frame: object) -> None:
    # no error that a library would catch, and none for which AllenNLP would write an archive
    sys.exit(128 + number)


def _signal(process: BaseProcess, number: int) -> None:
    if process.pid is None:
        return
    with suppress(ProcessLookupError):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:  # it leads no group yet
            os.kill(process.pid, number)
