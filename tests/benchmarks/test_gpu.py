"""What the benchmark of a GPU times, on a pretended one, and what it says without any."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

import benchmarks.gpu as benchmark
import benchmarks.important_head_training as important
from benchmarks.device_clock import clock_of, peak_bytes
from tests.gpu.pretend_device import PretendDevice


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tiny_bert: str) -> None:
    """Another encoder, two sentences, two rounds."""
    monkeypatch.setattr(benchmark, "ENCODER", tiny_bert)
    monkeypatch.setattr(important, "ENCODER", tiny_bert)
    monkeypatch.setattr(benchmark, "HIGHEST_PIECE", 50)
    monkeypatch.setattr(important, "HIGHEST_PIECE", 50)

    def setting(cuda_device: int, repeats: int = 0) -> benchmark.Setting:
        device = torch.device("cpu" if cuda_device < 0 else f"cuda:{cuda_device}")
        return benchmark.Setting(device, [(2, 9)], repeats, ["float32", "bfloat16"])

    monkeypatch.setattr(benchmark, "setting_of", setting)
    monkeypatch.setattr(benchmark, "importance", lambda setting, found: None)


@pytest.mark.parametrize("cuda_device", [-1, 0])
def test_figures(
    gpu: PretendDevice | None, cuda_device: int, small: None, capsys: pytest.CaptureFixture[str]
) -> None:
    found = benchmark.main(["--cuda-device", str(cuda_device), "--repeats", "2", "--json"])
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert found is not None and said["ratios"] == found.ratios
    assert len(found.seconds) == 2 * (1 + 4 + 2 + 3)  # bare, gates, important heads, pruning
    assert min(found.seconds.values()) > 0 and min(found.ratios.values()) > 0
    assert found.peak_bytes.keys() == (found.seconds.keys() if cuda_device == 0 else set())
    assert {name.split(",")[0] for name in found.seconds} == {
        "encoder",
        "important heads",
        "pruning",
    }
    assert any("bfloat16" in name for name in found.ratios)
    if gpu is not None:
        assert (gpu.operations > 0) == (cuda_device == 0)


def test_importance(
    monkeypatch: pytest.MonkeyPatch, gpu: PretendDevice | None, tiny_bert: str, fixtures_root: Path
) -> None:
    from tests.collect.models import data_of, tiny

    model, loader = tiny(tiny_bert, fixtures_root, tasks=["sent"])
    monkeypatch.setattr(benchmark, "TASK", "sent")
    monkeypatch.setattr(benchmark, "load", lambda *_: (model, data_of(loader)))
    found = benchmark.Found({}, {}, {})
    benchmark.importance(benchmark.Setting(torch.device("cuda:0"), [], 2, []), found)
    assert len(found.seconds) == len(found.peak_bytes) == 3 and len(found.ratios) == 2


def test_says_that_there_is_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    assert benchmark.main([]) is None
    assert capsys.readouterr().out.startswith("gpu: skipped, for there is no GPU 0; ")


def test_clocks(gpu: PretendDevice | None) -> None:
    calls: list[int] = []
    for name in ("cpu", "cuda:0"):
        device = torch.device(name)
        assert clock_of(device)(lambda: calls.append(1)) >= 0
        assert (peak_bytes(lambda: calls.append(1), device) is None) == (name == "cpu")
    assert len(calls) == 3
