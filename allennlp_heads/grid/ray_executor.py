"""
Runs on the nodes of a Ray cluster: each attempt is a task that asks for what its run needs, and Ray
finds the place.

Ray repeats nothing here, since what is repeated, and from where, is its caller's to say; and it is
given only what the cluster has room for, so that what is said to be running is.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.grid import ray_node
from allennlp_heads.grid.executor import FAILED, Needs, PlannedRun, RunEnd
from allennlp_heads.grid.names import HIDDEN
from allennlp_heads.grid.ray_cluster import (
    begin_sharing,
    import_ray,
    join_cluster,
    living_nodes,
    said_by,
)

_GRACE = 15.0  # seconds in which a run must end that is told to
_FOLDER = "nodes"


class RayExecutor:
    """
    A `GridExecutor`. Every node needs the same installation and must see the folder of the runs at
    the same place, which is tried when the first run is checked.

    # Parameters

    address : `str`
        See `join_cluster`; this process must be on one of the cluster's nodes.
    jobs : `int`, optional (default = `None`)
        So many runs at a time at most.

    Raises `ConfigurationError` when Ray is not installed, and when no cluster is there.
    """

    def __init__(self, address: str, jobs: int | None = None) -> None:
        self._ray = import_ray()
        self._jobs = jobs
        self._going: dict[str, tuple[Any, Needs]] = {}
        self._joined = join_cluster(address)
        self._token: Path | None = None
        self._task = self._ray.remote(max_retries=0, scheduling_strategy="SPREAD")(ray_node.attempt)

    def check(self, run: PlannedRun) -> None:
        """
        Raise `ConfigurationError` for a run that would not even fit alone, and when a node does not
        share its folder.
        """
        if self._token is None:
            self._token = begin_sharing(Path(run.folder).parent / HIDDEN / _FOLDER)
        nodes = living_nodes()
        if any(one.holds(run.needs) for one in nodes):
            return
        there = "; ".join(f"{one.address} has {_words(one.has)}" for one in nodes) or "no nodes"
        raise ConfigurationError(
            f"{run.name}: resources ask for {_words(run.needs)}, which no node of the Ray cluster "
            f"has ({there}): ask for less, or add a node"
        )

    def fits(self, run: PlannedRun) -> bool:
        """Whether it can be started now, beside those that are going."""
        if not self._going:
            self.check(run)  # a node may have been lost
        if self._jobs is not None and len(self._going) >= self._jobs:
            return False
        going = [needs for _, needs in self._going.values()] + [run.needs]
        nodes = [one.has for one in living_nodes()]
        return all(
            sum(getattr(one, what) for one in going) <= sum(getattr(one, what) for one in nodes)
            for what in ("cpus", "gpus", "memory")
        )

    def start(self, run: PlannedRun, anew: bool) -> None:
        """Begin an attempt and return at once."""
        environment = {
            key: value for key, value in os.environ.items() if key.startswith(ray_node.SENT)
        }
        task = self._task.options(
            name=run.name,
            num_cpus=run.needs.cpus,
            num_gpus=run.needs.gpus,
            memory=int(run.needs.memory * 1e9) or None,
        )
        self._going[run.name] = (
            task.remote(run, anew, environment, str(self._token)),
            run.needs,
        )

    def poll(self, timeout: float) -> list[RunEnd]:
        """The attempts that have ended since the last call, at once or within so many seconds."""
        if not self._going:
            return []
        tasks = [task for task, _ in self._going.values()]
        first, _ = self._ray.wait(tasks, num_returns=1, timeout=timeout)
        if first:
            first, _ = self._ray.wait(tasks, num_returns=len(tasks), timeout=0)
        else:
            self._give_up_what_nothing_holds()
        names = [name for name, (task, _) in self._going.items() if task in first]
        return [self._end(name, self._going.pop(name)[0]) for name in names]

    def close(self) -> None:
        """End all attempts that are still going, and leave the cluster."""
        try:
            tasks = [task for task, _ in self._going.values()]
            for task in tasks:
                self._ray.cancel(task)
            if tasks:
                _, left = self._ray.wait(tasks, num_returns=len(tasks), timeout=_GRACE)
                for task in left:
                    self._ray.cancel(task, force=True)
        except self._ray.exceptions.RayError:  # the cluster is gone, and with it all that was going
            pass
        finally:
            self._going.clear()
            if self._token is not None:
                with suppress(OSError):
                    self._token.unlink()
            if self._joined:
                self._ray.shutdown()

    def _end(self, name: str, task: Any) -> RunEnd:
        try:
            end: RunEnd = self._ray.get(task)
            return end
        except self._ray.exceptions.RayError as error:
            return RunEnd(name, FAILED, said_by(error))

    def _give_up_what_nothing_holds(self) -> None:
        """Ray would keep a task for ever that fitted on a lost node alone."""
        nodes = living_nodes()
        for task, needs in self._going.values():
            if not any(one.holds(needs) for one in nodes):
                self._ray.cancel(task)


def _words(needs: Needs) -> str:
    return f"{needs.cpus} CPUs, {needs.gpus} GPUs and {needs.memory:g} GB of memory"
