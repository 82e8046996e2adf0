"""Whole grids: stopped and resumed, extended, in several processes, and what they write."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.embeddings import read_embeddings
from allennlp_heads.reports.transfer.matrix import read_matrix
from allennlp_heads.transfer import jobs, transfer
from allennlp_heads.transfer.bench import TransferBench
from allennlp_heads.transfer.lock import locked
from allennlp_heads.transfer.store import TransferStore
from tests.conftest import ROOT
from tests.transfer.grids import grid, numbers_of, written

Config = dict[str, Any]


@pytest.fixture(scope="module")
def config(tiny_bert: str, fixtures_root: Path) -> Config:
    return grid(tiny_bert, fixtures_root, ["pos", "squad", "sst2"], embeddings={"examples": 4})


@pytest.fixture(scope="module")
def whole(config: Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    generator, threads = torch.get_rng_state(), torch.get_num_threads()
    lines = transfer(written(config, folder), folder / "out")
    assert lines[0] == "limited_limited: 18 of 18 cells" and len(lines) == 4
    assert torch.equal(torch.get_rng_state(), generator) and torch.get_num_threads() == threads
    return folder / "out"


def test_what_is_written(whole: Path, config: Config) -> None:
    names = set(numbers_of(whole))
    cells = {name for name in names if "/cells/" in name}
    assert len(cells) == 18 and "limited_limited/cells/none.pos.1.json" in cells
    assert names - cells == {
        "grid.json",
        "limited_limited/transfer.json",
        "limited_limited/transfer.csv",
        *(f"embeddings/limited/{t}.{e}" for t in ("pos", "squad", "sst2") for e in ("npz", "json")),
    }, "encoders of sources are gone"
    matrix = read_matrix(whole / "limited_limited")
    assert not matrix.missing and matrix.tasks == ["pos", "squad", "sst2"]
    assert matrix.classes == {"pos": "labelling", "squad": "questions", "sst2": "classification"}
    assert matrix.metrics == {"pos": "accuracy", "squad": "token_f1", "sst2": "accuracy"}
    assert matrix.examples == dict.fromkeys(matrix.tasks, 6)
    assert matrix.available == dict.fromkeys(matrix.tasks, 12)
    assert [updates for updates, _ in matrix.curves["pos"]] == [1, 2]
    assert matrix.curves["pos"][-1][1] == matrix.direct[0, 0]
    document = json.loads((whole / "limited_limited" / "transfer.json").read_text())
    assert document["encoder"]["layers"] == 3 and len(document["data"]) == 6
    assert {cell["updates"] for cell in document["cells"]} == {2}
    lines = (whole / "limited_limited" / "transfer.csv").read_text().splitlines()
    assert len(lines) == 19 and lines[1].startswith("none,pos,0,")


def test_embeddings_are_of_the_models_that_were_fine_tuned(whole: Path, config: Config) -> None:
    found = read_embeddings(whole / "embeddings" / "limited")
    assert [one.task for one in found] == ["pos", "squad", "sst2"]
    assert all(one.kinds == ["text", "task", "heads"] for one in found)
    assert {one.manifest["available"] for one in found} == {12}
    digests = {one.said("encoder", "sha256") for one in found}
    assert len(digests) == 3, "each by the encoder of its own task"
    assert len({one.said("encoder", "pretrained_sha256") for one in found} - digests) == 1


def stopping(what: type, method: str, calls: int) -> Any:
    """The method raises `KeyboardInterrupt` before it does anything, after so many calls."""
    original: Callable[..., Any] = getattr(what, method)
    left = [calls]

    def stopped(self: Any, *arguments: Any, **options: Any) -> Any:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return original(self, *arguments, **options)

    return mock.patch.object(what, method, stopped)


@pytest.mark.parametrize(
    ("what", "method", "calls"),
    [
        (TransferStore, "write", 5),
        (TransferStore, "keep_source", 1),
        (TransferStore, "write_embedding", 1),
        (TransferStore, "drop_source", 0),
    ],
)
def test_stopped_and_repeated_it_is_the_same(
    config: Config, whole: Path, tmp_path: Path, what: type, method: str, calls: int
) -> None:
    file, out = written(config, tmp_path), tmp_path / "out"
    with stopping(what, method, calls), pytest.raises(KeyboardInterrupt):
        transfer(file, out)
    done = len(list(out.glob("*/cells/*.json")))
    (out / "limited_limited" / "cells").mkdir(parents=True, exist_ok=True)
    (out / "embeddings" / "limited").mkdir(parents=True, exist_ok=True)
    for place in ("limited_limited/cells/.none.pos.0.json", "limited_limited/.transfer.csv"):
        (out / f"{place}.77.tmp").write_bytes(b"half")
    (out / "embeddings" / "limited" / ".pos.npz.77.tmp").write_bytes(b"half")
    with mock.patch.object(TransferStore, "write", autospec=True, side_effect=_write) as write:
        transfer(file, out)
    assert write.call_count == 18 - done, "nothing is done twice"
    assert numbers_of(out) == numbers_of(whole)


_write = TransferStore.write


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads the table of processes")
def test_two_processes_killed_and_gone_on_in_one(
    config: Config, whole: Path, tmp_path: Path
) -> None:
    file, out = written(config, tmp_path), tmp_path / "out"
    program = str(ROOT / "allennlp_heads_cli.py")
    command = [sys.executable, program, "heads", "transfer", file, "-s", str(out), "--jobs", "2"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while len(list(out.glob("*/cells/*.json"))) < 3:
        assert process.poll() is None, "it ended by itself"
        time.sleep(0.01)
    children = children_of(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(children) >= 2
    until = time.monotonic() + 60
    while any(map(runs, children)):
        assert time.monotonic() < until, "a process goes on without its parent"
        time.sleep(0.01)
    assert len(list(out.glob("*/cells/*.json"))) < 18, "killed too late"
    transfer(file, out)
    assert numbers_of(out) == numbers_of(whole)


def children_of(process: int) -> list[int]:
    threads = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for thread in threads for child in thread.read_text().split()]


def runs(process: int) -> bool:
    """Whether it is there, and not only waiting to be taken note of."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def test_a_row_that_fails_ends_the_others(config: Config, tmp_path: Path) -> None:
    recipe = {"recipe": {"encoder_lr": 1e30}}
    long = {"recipe": {"updates": 1_000_000, "batch_size": 4}}
    # the one that fails comes after one that would never end, and another one waits
    tasks = {**config["tasks"], "squad": {**config["tasks"]["squad"], **recipe}}
    tasks["pos"] = {**tasks["pos"], **long}
    file = written({**config, "tasks": tasks, "embeddings": None}, tmp_path)
    with pytest.raises(ConfigurationError, match=r"squad.*Lower tasks\.squad\.recipe\.encoder_lr"):
        transfer(file, tmp_path / "out", jobs=2, only=["none.*.0"])
    assert not multiprocessing.active_children()
    assert not list(tmp_path.glob("out/*/cells/none.sst2.0.json")), "a row too many was begun"


class _Dead:
    """A pool of which a process has been killed."""

    def __init__(self, *_: Any) -> None: ...

    def submit(self, *_: Any) -> Future[Any]:
        broken: Future[Any] = Future()
        broken.set_exception(BrokenProcessPool("killed"))
        return broken

    def shutdown(self, **_: Any) -> None: ...


def test_a_process_that_is_killed(config: Config, tmp_path: Path) -> None:
    with mock.patch.object(jobs, "ProcessPoolExecutor", _Dead):
        with pytest.raises(ConfigurationError, match="run it again, or with fewer --jobs"):
            transfer(written(config, tmp_path), tmp_path / "out", jobs=2)


def test_nothing_is_left_to_do(config: Config, whole: Path, tmp_path: Path) -> None:
    file = written(config, tmp_path)
    with mock.patch.object(TransferBench, "fine_tune") as fine_tune:
        transfer(file, whole)
        lines = transfer(file, whole, dry_run=True)
    assert not fine_tune.called and lines == ["0 cells to do, 18 done"]


def test_restarts_tasks_and_embeddings_can_be_added(
    config: Config, whole: Path, tmp_path: Path
) -> None:
    tasks = {name: config["tasks"][name] for name in ("pos", "sst2")}
    fewer = {**config, "tasks": tasks, "restarts": 1, "embeddings": None}
    transfer(written(fewer, tmp_path), tmp_path / "out")
    assert len(list((tmp_path / "out").glob("*/cells/*"))) == 4
    transfer(written(config, tmp_path), tmp_path / "out")
    assert numbers_of(tmp_path / "out") == numbers_of(whole)


def test_tasks_that_are_left_out_are_named(
    config: Config, whole: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    out = shutil.copytree(whole, tmp_path / "out")
    transfer(written(config, tmp_path), out)
    assert "leaves out" not in caplog.text
    tasks = {name: config["tasks"][name] for name in ("pos", "sst2")}
    transfer(written({**config, "tasks": tasks}, tmp_path), out)
    (gone,) = set(config["tasks"]) - set(tasks)
    assert f"The grid leaves out {gone}, which the folder has cells of" in caplog.text
    assert read_matrix(out / "limited_limited").tasks == list(tasks)
    transfer(written(config, tmp_path), out)
    assert numbers_of(out) == numbers_of(whole), "the cells were kept"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"limited": 7}, "limited"),
        ({"recipes": {}}, "tasks.pos.recipe.batch_size"),
        ({"embeddings": {"examples": 3}}, "embeddings.examples"),
    ],
)
def test_another_grid_is_refused(
    config: Config, whole: Path, tmp_path: Path, change: Config, key: str
) -> None:
    before = numbers_of(whole)
    with pytest.raises(ConfigurationError, match=rf"grid\.json: '{key}[^']*' is not what it was"):
        transfer(written({**config, **change}, tmp_path), whole, dry_run=True)
    assert numbers_of(whole) == before


def test_defaults_may_be_written_out(config: Config, whole: Path, tmp_path: Path) -> None:
    every = {**config, "seed": 0, "tokens_per_batch": 6400, "full": None, "keep_sources": True}
    tasks = {name: {**task, "recipe": {"warmup": 0.0}} for name, task in config["tasks"].items()}
    assert transfer(written({**every, "tasks": tasks}, tmp_path), whole, dry_run=True)


def test_other_data_under_the_same_name_are_refused(config: Config, tmp_path: Path) -> None:
    task = {**config["tasks"]["pos"], "train_data_path": str(tmp_path / "train.conllu")}
    text = Path(config["tasks"]["pos"]["train_data_path"]).read_text()
    (tmp_path / "train.conllu").write_text(text)
    other = {**config, "tasks": {**config["tasks"], "pos": task}}
    transfer(written(other, tmp_path), tmp_path / "out", only=["none.pos.0"])
    (tmp_path / "train.conllu").write_text(text + "\n")
    with pytest.raises(ConfigurationError, match=r"'data_files\..*train\.conllu' is not what"):
        transfer(written(other, tmp_path), tmp_path / "out")


def test_only_some_cells(config: Config, whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    file = written({**config, "embeddings": None}, tmp_path)
    lines = transfer(file, out, only=["pos.sst2.1"], dry_run=True)
    assert lines[0] == "limited_limited: pos -> sst2, restart 1" and not out.exists()
    assert lines[1].startswith("1 cells to do, 0 done; about ") and "--jobs 1" in lines[1]
    transfer(file, out, only=["pos.sst2.1"])
    assert [path.name for path in out.glob("*/cells/*")] == ["pos.sst2.1.json"]
    assert (out / "sources" / "limited" / "pos.1.pt").exists(), "the row is not complete"
    done, other = (read_matrix(folder / "limited_limited") for folder in (out, whole))
    assert done.scores[0, 2, 1] == other.scores[0, 2, 1] and len(done.missing) == 17
    with mock.patch.object(TransferBench, "encoder_state", side_effect=AssertionError):
        transfer(file, out, only=["pos.squad.1"])  # from the encoder that is there


def test_all_regimes(config: Config, tmp_path: Path) -> None:
    tasks = {name: config["tasks"][name] for name in ("pos", "sst2")}
    regimes = ["full_full", "full_limited", "limited_limited"]
    every = {**config, "tasks": tasks, "regimes": regimes, "restarts": 1, "full": 8}
    with mock.patch.object(TransferBench, "fine_tune", autospec=True, side_effect=_tune) as tune:
        transfer(written(every, tmp_path), tmp_path / "out")
    assert tune.call_count == 4 + 6, "four sources, and two cells of each regime"
    full, mixed, limited = (read_matrix(tmp_path / "out" / regime) for regime in regimes)
    assert not full.missing + mixed.missing + limited.missing
    assert (mixed.direct == limited.direct).all() and full.examples == {"pos": 8, "sst2": 8}
    assert mixed.examples == full.examples and limited.examples == {"pos": 6, "sst2": 6}
    assert sorted(path.name for path in (tmp_path / "out" / "embeddings").iterdir()) == [
        *("full", "limited"),
    ]


_tune = TransferBench.fine_tune


def test_one_command_at_a_time(config: Config, tmp_path: Path) -> None:
    with locked(tmp_path / "out"):
        with pytest.raises(ConfigurationError, match="another command works in"):
            transfer(written(config, tmp_path), tmp_path / "out")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(config: Config, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o500)
    with pytest.raises(ConfigurationError, match="cannot write into"):
        transfer(written(config, tmp_path), tmp_path / "out")


def test_jobs_are_counted(config: Config, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="--jobs is 0"):
        transfer(written(config, tmp_path), tmp_path / "out", jobs=0)
