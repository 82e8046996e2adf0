"""A Ray cluster that others started: joining it, its nodes, and the folder that they share."""

from __future__ import annotations

import logging
import os
import socket
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.grid import ray_node
from allennlp_heads.grid.executor import Needs

MISSING = "--ray-address needs Ray, which is not installed: pip install '.[ray]'"
HERE = "auto"

_ANSWERS = 10.0  # seconds in which something must answer at an address
_STARTED = 180.0  # seconds in which every node must have begun a task, which imports
_SEEN = 30.0  # seconds after which a file must have come through to other machines


def import_ray() -> Any:
    """The module. Raises `ConfigurationError` that says what to install when it is missing."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise ConfigurationError(MISSING) from error
    return ray


def join_cluster(address: str) -> bool:
    """
    # Parameters

    address : `str`
        `HOST:PORT` as `ray start --head` prints it, or `auto` on a machine where Ray has been
        started.

    # Returns

    `bool`
        Whether this call connected; a process that was connected already stays as it was.

    Raises `ConfigurationError` when nothing answers there, and for other releases of Ray or Python.
    """
    ray = import_ray()
    if ray.is_initialized():
        return False
    _check_address(address)
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.WARNING)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ConfigurationError(
            f"--ray-address {address}: no Ray cluster can be joined there: {error}"
        ) from error
    return True


def _check_address(address: str) -> None:
    # Ray itself would try for minutes, and then end this process
    if address == HERE:
        return
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit() or "/" in host:
        raise ConfigurationError(
            f"--ray-address {address}: give HOST:PORT as 'ray start --head' prints it, or 'auto'. "
            "The command must run on a machine of the cluster"
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), _ANSWERS).close()
    except OSError as error:
        raise ConfigurationError(
            f"--ray-address {address}: nothing answers there ({error.strerror or error}). Start a "
            "cluster with 'ray start --head', and look at it with 'ray status'"
        ) from error


@dataclass(frozen=True)
class Node:
    """
    # Parameters

    id : `str`
    address : `str`
        Of its machine.
    has : `Needs`
        What it has in all.
    """

    id: str
    address: str
    has: Needs

    def holds(self, needs: Needs) -> bool:
        """Whether a run would fit if nothing else were there."""
        return (
            needs.cpus <= self.has.cpus
            and needs.gpus <= self.has.gpus
            and needs.memory <= self.has.memory
        )


def living_nodes() -> list[Node]:
    """The nodes of the cluster."""
    return [
        Node(one["NodeID"], one["NodeManagerAddress"], _has(one["Resources"]))
        for one in import_ray().nodes()
        if one["Alive"]
    ]


def _has(resources: dict[str, float]) -> Needs:
    cpus, gpus = (int(resources.get(what, 0)) for what in ("CPU", "GPU"))
    return Needs(cpus, gpus, resources.get("memory", 0.0) / 1e9)


def begin_sharing(folder: Path) -> Path:
    """
    Ask every node whether it sees a folder, and look whether what it writes there is seen here.

    # Returns

    `Path`
        A file in the folder that can be looked for, until it is deleted.

    Raises `ConfigurationError` that names the nodes which do not share it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    token = folder / f"command.{uuid.uuid4().hex}"
    token.write_text("")
    nodes = {one.id: one.address for one in living_nodes()}
    wrong = _asked(folder, token.name, list(nodes))
    missing = {node for node, said in wrong.items() if not said}
    deadline = time.monotonic() + _SEEN
    while missing and time.monotonic() < deadline:
        missing -= {one.name for one in folder.iterdir()}  # also makes NFS look again
        time.sleep(0.1 if missing else 0)
    wrong |= dict.fromkeys(missing, "writes into another folder of that name")
    for node in nodes:
        (folder / node).unlink(missing_ok=True)
    found = [f"{nodes[node]} {said}" for node, said in wrong.items() if said]
    if found:
        token.unlink(missing_ok=True)
        raise ConfigurationError(
            f"{folder} is not shared by all nodes of the Ray cluster: {'; '.join(found)}. Give "
            "with -s a folder on a file system that all of them mount at the same place"
        )
    return token


def _asked(folder: Path, token: str, nodes: list[str]) -> dict[str, str]:
    """What each node says is wrong."""
    ray = import_ray()
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    task = ray.remote(num_cpus=0, max_retries=1)(ray_node.answer)
    asked = {
        node: task.options(
            scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False)
        ).remote(str(folder), token, node)
        for node in nodes
    }
    ray.wait(list(asked.values()), num_returns=len(asked), timeout=_STARTED)
    found = {}
    for node, reference in asked.items():
        try:
            found[node] = ray.get(reference, timeout=0)
        except ray.exceptions.GetTimeoutError:
            found[node] = f"has not answered in {_STARTED:.0f} s"
        except ray.exceptions.RayError as error:
            found[node] = f"cannot answer ({said_by(error)})"
    return found


def said_by(error: Exception) -> str:
    """The point of what Ray says of a failure: its last line, or the first of a long story."""
    lines = [line.strip() for line in str(getattr(error, "cause", None) or error).splitlines()]
    said = next((line for line in lines if line), "")
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
