"""A grid of two tiny runs, once in peace and once killed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy
import pytest
import torch

from docs.chaos import run as stages
from docs.chaos.__main__ import main
from docs.chaos.compare import GATES, METRICS, SCORES, WEIGHTS, differences
from docs.chaos.kills import half_written
from docs.chaos.record import read_record

OVERLAY = """{
  seeds: [13, 14],
  local all = super.runs,
  runs: {
    pos_dep: all.pos_dep { config+: { encoder: { name: %s } } },
  },
}"""


@pytest.fixture
def options(tiny_bert: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.delenv("HEADS_DATA", raising=False)
    given = ["--sentences", "12", "--dev-sentences", "6", "--epochs", "2", "--save-every", "1"]
    given += ["--overlay", OVERLAY % json.dumps(tiny_bert), "--kills", "1"]
    return [*given, "--out", str(tmp_path / "out"), "--results", str(tmp_path / "results")]


def test_killed_and_compared(
    options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main([*options, "--only", "undisturbed"]) == 0
    # the kill comes when there is something to lose, however slow the machine is
    monkeypatch.setattr(stages, "killed_after", killed_when_saved)
    assert main([*options, "--only", "disturbed", "records"]) == 0
    record = read_record(tmp_path / "results" / "grid.json")
    assert sorted(record["runs"]) == ["pos_dep.13", "pos_dep.14"]
    for kind in (WEIGHTS, METRICS, GATES, SCORES):
        assert record["kinds"][kind] == 2, record["runs"]
    assert record["left"] == [] and max(run["attempts"] for run in record["runs"].values()) == 2
    (kill,) = record["kills"]
    assert kill["processes"] >= 3 and kill["running"]
    assert any(run["checkpoint"] for run in kill["running"].values())
    # repeated, nothing is killed or trained again
    monkeypatch.setattr(stages, "killed_after", None)
    assert main([*options, "--only", "disturbed"]) == 0
    assert main([*options, "--only", "undisturbed", "--epochs", "3"]) == 1


def killed_when_saved(words: list[str], folder: Path, seconds: float) -> dict[str, object]:
    """Instead of after some seconds: when a run of the two has a checkpoint."""
    import time

    from docs.chaos import kills
    from docs.runs import console

    process = console.started(words, folder, threads=1, new_session=True)
    deadline = time.monotonic() + 240
    while not any(folder.glob("*/training_state_*.th")):
        assert process.poll() is None and time.monotonic() < deadline, folder
        time.sleep(0.01)
    killed = kills._kill(process.pid)
    process.wait()
    return {"after": 1.0, "processes": killed, **kills._state(folder)}


def test_differences_are_found(tmp_path: Path) -> None:
    one, other = (tmp_path / name for name in ("one", "other"))
    for folder in (one, other):
        (folder / "heads" / "scores").mkdir(parents=True)
        write_archive(folder, torch.ones(3))
        metrics = {"validation_loss": 0.5, "training_loss": 0.25, "training_duration": str(folder)}
        (folder / "metrics_epoch_0.json").write_text(json.dumps(metrics))
        numpy.savez(folder / "heads" / "gates.npz", final=numpy.array([1.0, numpy.nan]))
        (folder / "heads" / "gates.json").write_text(json.dumps({"packages": str(folder)}))
    assert not any(differences(one, other).values())
    write_archive(other, torch.tensor([1.0, 1.0, 1.0 + 2**-23]))
    (other / "metrics_epoch_0.json").write_text('{"validation_loss": 0.6, "training_loss": 1}')
    numpy.savez(other / "heads" / "gates.npz", final=numpy.array([1.0, 0.0]))
    numpy.savez(other / "heads" / "scores" / "pos.npz", counts=numpy.zeros(2))
    assert differences(one, other) == {
        "weights": ["model.tar.gz"],
        "metrics": ["metrics_epoch_0.json validation_loss"],
        "training metrics": ["metrics_epoch_0.json training_loss"],
        "gates": ["heads/gates.npz final"],
        "scores of examples": ["heads/scores/pos.npz counts"],
    }
    (other / ".gates.json.77.tmp").touch()
    assert half_written(other) == [".gates.json.77.tmp"] and half_written(one) == []


def write_archive(folder: Path, weights: torch.Tensor) -> None:
    import tarfile

    torch.save({"w": weights}, folder / "weights.th")
    with tarfile.open(folder / "model.tar.gz", "w:gz") as archive:
        archive.add(folder / "weights.th", "weights.th")
