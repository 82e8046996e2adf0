"""Kills: of a run, of the command itself, and what is left by an earlier one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from allennlp.models import load_archive
from filelock import FileLock

from allennlp_heads.commands import grid as verb
from allennlp_heads.grid.executor import RunEnd
from allennlp_heads.grid.local_executor import LocalExecutor
from tests.grid import configs
from tests.training.runs import same

ROOT = Path(__file__).resolve().parents[2]
_LONG = 500.0  # seconds after which something hangs


class Killing(LocalExecutor):
    """Kills the run `one` once, as soon as it has saved something."""

    killed = False

    def poll(self, timeout: float) -> list[RunEnd]:
        going = self._going.get("one")
        if going is not None and not Killing.killed and saved(FOLDER[0] / "one"):
            Killing.killed = True
            assert going.process.pid is not None
            os.kill(going.process.pid, signal.SIGKILL)
        return super().poll(min(timeout, 0.02))


FOLDER: list[Path] = []


def saved(folder: Path) -> bool:
    """Whether there is a checkpoint."""
    return any(folder.glob("training_state_*.th"))


def check_alike(out: Path) -> None:
    """The runs `one` and `two`, of one configuration, ended with the same weights."""
    one, two = (
        load_archive(out / name / "model.tar.gz").model.state_dict() for name in ("one", "two")
    )
    assert same(one, two)


def test_a_killed_run_ends_as_if_it_had_not_been(
    tiny_bert: str,
    fixtures_root: Path,
    tmp_path: Path,
    heads: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = configs.training(tiny_bert, fixtures_root, epochs=3)
    file = configs.written(
        {"runs": {"one": {"config": config}, "two": {"config": config}}}, tmp_path
    )
    FOLDER[:] = [tmp_path / "out"]
    monkeypatch.setattr(verb, "LocalExecutor", Killing)
    assert heads("grid", file, "-s", str(tmp_path / "out")) == 0
    assert Killing.killed
    found = configs.summary(tmp_path / "out")
    assert {name: run["attempts"] for name, run in found.items()} == {"one": 2, "two": 1}
    check_alike(tmp_path / "out")


def test_after_a_kill_of_the_command_itself_it_goes_on(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path, heads: Callable[..., int]
) -> None:
    config = configs.training(tiny_bert, fixtures_root, epochs=6)
    runs = {"one": {"config": config}, "two": {"config": config, "after": "one"}}
    words = ["heads", "grid", configs.written({"runs": runs}, tmp_path)]
    out = tmp_path / "out"
    script = [sys.executable, str(ROOT / "allennlp_heads_cli.py")]
    with (tmp_path / "said").open("wb") as said:
        process = subprocess.Popen([*script, *words, "-s", str(out)], stdout=said, stderr=said)
    try:
        deadline = time.monotonic() + _LONG
        while not saved(out / "one"):
            assert process.poll() is None, (tmp_path / "said").read_text()
            assert time.monotonic() < deadline, "nothing is saved"
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()
    # the run notices, although nothing told it
    with FileLock(out / ".grid" / "locks" / "one.lock", timeout=_LONG):
        assert not (out / "one" / "metrics.json").exists()
    assert configs.summary(out)["one"]["state"] == "running"
    assert heads(*words[1:], "-s", str(out)) == 0
    found = configs.summary(out)
    assert found["one"]["attempts"] == 2 and found["one"]["state"] == "complete"
    assert "Recovering from prior training" in (out / ".grid" / "logs" / "one.log").read_text()
    check_alike(out)


def test_a_folder_that_cannot_be_recovered_is_put_aside(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path, heads: Callable[..., int]
) -> None:
    config = configs.few(tiny_bert, fixtures_root)
    out = tmp_path / "out"
    (out / "one").mkdir(parents=True)
    (out / "one" / "config.json").write_text('{"model": {"ty')
    file = configs.written({"runs": {"one": {"config": config}}}, tmp_path)
    assert heads("grid", file, "-s", str(out), "--retries", "0") == 0
    assert (out / ".grid" / "aside" / "one" / "config.json").read_text() == '{"model": {"ty'
    assert configs.config_of(out / "one") == config
