"""What the benchmark of two processes trains and reads, without its clock."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

import benchmarks.two_processes as benchmark
from benchmarks import update_clock
from tests.training.configs import multitask
from tests.training.runs import train


def test_both_do_the_same_updates() -> None:
    one, two = (benchmark.settings(count) for count in (1, 2))
    assert one["trainer"].pop("num_gradient_accumulation_steps") == 2
    assert two["trainer"].pop("num_gradient_accumulation_steps") == 1
    assert len(two.pop("distributed")["cuda_devices"]) == 2 and not one.pop("distributed")
    assert two["trainer"]["callbacks"].pop(0) == "workers" and one == two
    assert one["data_loader"]["max_instances"] == 2 * 32 * benchmark.UPDATES


def test_the_clock_is_of_updates(tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> None:
    config = multitask(tiny_bert, fixtures_root)
    config["trainer"] |= {"num_epochs": 1, "callbacks": ["update_clock"], "checkpointer": "atomic"}
    train(config, tmp_path / "run")
    # eight batches, two an update
    seconds = json.loads((tmp_path / "run" / update_clock.FILE).read_text())
    assert len(seconds) == 3 and min(seconds) > 0


def test_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[int] = []

    def trained(count: int) -> float:
        turns.append(count)
        return {1: 4.0, 2: 2.0}[count]

    monkeypatch.setattr(benchmark, "trained", trained)
    # two trainings at the same time that take as long as one alone
    assert list(benchmark.main().values()) == [2.0, 0.0, 2.0, 0.0, 1.0]
    assert turns == [1, 2, 1, 1, 1, 1, 2, 1, 1, 2, 1, 1]


def test_what_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = SimpleNamespace(returncode=1, stderr="the reason")
    monkeypatch.setattr(benchmark.subprocess, "run", lambda *_, **__: ended)
    with pytest.raises(RuntimeError, match="allennlp train x failed:\nthe reason"):
        benchmark.allennlp(tmp_path, ["train", "x"])
