"""Grids on a Ray cluster of two nodes, which the tests start and stop, all on the loopback."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from allennlp.common.checks import ConfigurationError
from filelock import FileLock

from allennlp_heads.grid import ray_cluster, ray_executor, ray_node
from allennlp_heads.grid.executor import DONE, FAILED, Needs, PlannedRun, RunEnd
from allennlp_heads.grid.ray_cluster import begin_sharing, join_cluster
from allennlp_heads.grid.ray_executor import RayExecutor
from tests.grid import configs

ray = pytest.importorskip("ray", reason="pip install '.[ray]'")

logger = logging.getLogger(__name__)

_STARTS = 4
_LONG = 600  # seconds after which a test hangs, on a busy machine
_PORTS = (
    "metrics_agent_port",
    "metrics_export_port",
    "dashboard_agent_listen_port",
    "runtime_env_agent_port",
)
_PACKAGE = "tests.grid.on_nodes"
PATIENT = {"worker_register_timeout_seconds": 300}
"""Ray's own minute is not enough for a worker that begins beside other tests."""


class Nodes(NamedTuple):
    """The cluster, and its node without the command."""

    cluster: Any
    second: Any

    @property
    def address(self) -> str:
        """Where to join."""
        return str(self.cluster.address)


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    """A test that hangs fails."""

    def late(number: int, frame: object) -> None:
        raise TimeoutError(f"not done in {_LONG} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(_LONG)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    """Two nodes of a core each; in the end nothing of them is left, whatever has happened."""
    patch = pytest.MonkeyPatch()
    patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    place = tempfile.mkdtemp(prefix="ray")  # sockets must have short names
    patch.setenv("RAY_TMPDIR", place)  # or it would note the cluster for all of the machine
    Path(place, "ray").mkdir()
    try:
        yield begun(place)
    finally:
        ray.shutdown()
        end_processes(place)
        shutil.rmtree(place, ignore_errors=True)
        patch.undo()


def begun(place: str) -> Nodes:
    """On a busy machine more than Ray's half a minute passes until a node is there: once more."""
    from ray.cluster_utils import Cluster

    for left in reversed(range(_STARTS)):
        cluster = Cluster()
        try:
            cluster.add_node(include_dashboard=False, _system_config=PATIENT, **node("127.0.0.2"))
            return Nodes(cluster, cluster.add_node(**node("127.0.0.3")))
        except Exception:
            end_processes(place)
            if not left:
                raise
    raise AssertionError("no start at all")


def node(address: str) -> dict[str, Any]:
    """
    A core at an address. With ports of their own Ray does not wait for its helpers to name theirs,
    which on a busy machine takes longer than it waits.
    """
    sockets = [socket.socket() for _ in _PORTS]
    try:
        for one in sockets:
            one.bind((address, 0))
        ports = [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
    core = {"num_cpus": 1, "num_gpus": 0, "object_store_memory": 80 * 2**20}
    return {"node_ip_address": address, **core, **dict(zip(_PORTS, ports))}


def end_processes(place: str) -> None:
    """Those of a cluster, which all name its folder: nodes first, for they begin others."""
    for what in ("gcs_server", "raylet", ""):
        for pid in processes(place, what):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    while list(processes(place)):
        time.sleep(0.1)


def processes(place: str, what: str = "") -> Iterator[int]:
    """Whose command lines name a folder, and are not over."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            command = path.read_bytes().decode("utf-8", "replace")
            if place in command and what in command:
                yield int(path.parent.name)


@pytest.fixture(scope="module")
def joined(nodes: Nodes) -> Iterator[Nodes]:
    """This process has joined, so that what a worker of Ray's has imported serves several tests."""
    assert join_cluster(nodes.address)
    yield nodes
    ray.shutdown()


@pytest.fixture
def config(tiny_bert: str, fixtures_root: Path) -> configs.Config:
    """Two epochs, each of one batch."""
    found = configs.few(tiny_bert, fixtures_root)
    found["trainer"]["num_epochs"] = 2
    return found


def with_callback(config: configs.Config, **callback: Any) -> configs.Config:
    """The same with one callback more."""
    trainer = config["trainer"]
    return {**config, "trainer": {**trainer, "callbacks": [callback, *trainer["callbacks"]]}}


def meeting(config: configs.Config, folder: Path, mine: str, *others: str) -> configs.Config:
    """A training that waits for others, or for a file of the test's."""
    return with_callback(
        config,
        type="test_meet",
        mine=str(folder / mine),
        others=[str(folder / other) for other in others],
    )


def planned(out: Path, name: str, config: configs.Config, **changes: Any) -> PlannedRun:
    """A run in a folder."""
    hidden = out / ".grid"
    return PlannedRun(
        name,
        str(out / name),
        config,
        packages=(_PACKAGE,),
        log=str(hidden / f"{name}.log"),
        lock=str(hidden / f"{name}.lock"),
        aside=str(hidden / f"aside-{name}"),
        **changes,
    )


def end_of(executor: RayExecutor) -> RunEnd:
    """Of the next attempt that ends."""
    while True:
        for end in executor.poll(0.5):
            return end


def test_two_nodes_do_a_grid(
    nodes: Nodes, config: configs.Config, tmp_path: Path, heads: Callable[..., int]
) -> None:
    met, out = tmp_path / "met", tmp_path / "out"
    met.mkdir()
    runs = {
        # a node has one core: each of these is done while the other one is, on the other node
        "here": {"config": meeting(config, met, "here", "there")},
        "there": {"config": meeting(config, met, "there", "here")},
        "killed": {
            "config": with_callback(config, type="test_killed_once", done=str(met / "killed"))
        },
        "later": {"config": configs.after(config, "killed")},
    }
    words = ["grid", configs.written({"runs": runs}, tmp_path), "-s", str(out)]
    words += ["--ray-address", nodes.address, "--include-package", _PACKAGE]
    assert heads(*words) == 0, (out / "failures.txt").read_text()
    found = configs.summary(out)
    assert {name: (run["state"], run["attempts"]) for name, run in found.items()} == {
        "here": ("complete", 1),
        "there": ("complete", 1),
        "killed": ("complete", 2),
        "later": ("complete", 1),
    }
    assert not ray.is_initialized()  # it has left the cluster
    assert not list((out / ".grid" / "nodes").iterdir())
    # all is complete, so nothing is begun, nor looked for
    assert heads(*words) == 0
    assert configs.summary(out)["here"]["attempts"] == 1


@pytest.mark.parametrize("heard", [True, False])
def test_runs_that_are_going_at_the_end(
    joined: Nodes,
    config: configs.Config,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    heard: bool,
) -> None:
    """Also where Ray's request to end does not come through, which happens on a busy machine."""
    if not heard:
        monkeypatch.setattr(ray_executor, "_GRACE", 1.0)
        monkeypatch.setattr(ray, "cancel", only_with_force(ray.cancel))
    executor = RayExecutor(joined.address)
    one, two, three = (
        planned(tmp_path, name, meeting(config, tmp_path, f"{name}.began", "never"))
        for name in ("one", "two", "three")
    )
    try:
        executor.check(one)
        for run in (one, two):
            assert executor.fits(run)
            executor.start(run, anew=False)
        assert not executor.fits(three)
        while not all((tmp_path / f"{run.name}.began").exists() for run in (one, two)):
            for lost in executor.poll(0.5):  # by Ray, beside other tests: as a grid does
                logger.warning("begun again: %s", lost)
                executor.start({"one": one, "two": two}[lost.name], anew=False)
    finally:
        executor.close()
    for run in (one, two):  # nobody works there any more
        with FileLock(run.lock, timeout=60):
            assert not (Path(run.folder) / "metrics.json").exists()


def only_with_force(cancel: Callable[..., None]) -> Callable[..., None]:
    """Other requests are lost."""
    return lambda task, force=False: cancel(task, force=True) if force else None


def wait_for(*files: Path) -> None:
    """Until all are there; see `in_time`."""
    from tests.grid.on_nodes import wait_for as until

    until(list(files))


def test_what_no_node_has(joined: Nodes, config: configs.Config, tmp_path: Path) -> None:
    executor = RayExecutor(joined.address)
    try:
        run = planned(tmp_path, "large", config, needs=Needs(cpus=1, gpus=1))
        with pytest.raises(ConfigurationError, match="large: resources ask for 1 CPUs, 1 GPUs"):
            executor.check(run)
    finally:
        executor.close()


def test_a_folder_that_nodes_do_not_see(
    joined: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {
        "127.0.0.2 does not see it": lambda folder, token, node: "does not see it",
        "127.0.0.3 writes into another folder": lambda folder, token, node: "",
    }
    monkeypatch.setattr(ray_cluster, "_SEEN", 0.5)
    for said, answer in answers.items():
        monkeypatch.setattr(ray_node, "answer", answer)
        with pytest.raises(ConfigurationError, match="is not shared by all nodes") as error:
            begin_sharing(tmp_path / "nodes")
        assert said in str(error.value)
        assert not list((tmp_path / "nodes").iterdir())


def test_a_node_that_dies(joined: Nodes, config: configs.Config, tmp_path: Path) -> None:
    """The last test of the cluster, which has one node after it."""
    executor = RayExecutor(joined.address)
    runs = {
        name: planned(tmp_path, name, meeting(config, tmp_path, f"{name}.began", "go on"))
        for name in ("one", "two")
    }
    try:
        executor.check(runs["one"])
        for run in runs.values():
            executor.start(run, anew=False)
        wait_for(tmp_path / "one.began", tmp_path / "two.began")
        joined.cluster.remove_node(joined.second, allow_graceful=False)
        lost = end_of(executor)
        assert lost.status == FAILED and lost.reason.startswith("NodeDiedError")
        (tmp_path / "go on").write_text("")
        other = end_of(executor)
        assert {lost.name, other.name} == set(runs) and other.status == DONE
        assert executor.fits(runs[lost.name])
        executor.start(runs[lost.name], anew=False)
        assert end_of(executor) == RunEnd(lost.name, DONE)
    finally:
        executor.close()
