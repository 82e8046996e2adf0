import json
import logging
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from allennlp.common import Lazy
from allennlp.common.checks import ConfigurationError
from allennlp.nn.regularizers import RegularizerApplicator
from allennlp.training.callbacks import TensorBoardCallback, TrainerCallback
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from allennlp_heads.gates import (
    HardConcreteGates,
    HardConcreteL0,
    HeadGates,
    OpenGates,
    PerTaskGates,
)
from allennlp_heads.modules import GatedEncoder
from allennlp_heads.reports.files import read_arrays
from allennlp_heads.training.callbacks import GateReport
from allennlp_heads.training.callbacks.gate_report import find_gates

TASKS = ["pos", "dep"]


class Trainer:
    """The part of the trainer that the callback sees."""

    def __init__(self, *gates: HeadGates) -> None:
        self.model = torch.nn.Module()
        self.model._regularizer = None  # type: ignore[assignment]
        for number, module in enumerate(gates):
            encoder = torch.nn.Module()
            encoder.gates = module
            self.model.add_module(f"encoder{number}", encoder)
        self._callbacks: list[TrainerCallback] = []
        self._start_after_epochs_completed = 0
        self._start_after_batches_in_epoch_completed = 0
        self._total_batches_completed = 0

    def close(self, share: float) -> None:
        """Close this share of the heads of every gate."""
        for module in self.model.modules():
            if isinstance(module, HardConcreteGates):
                alpha = module.log_alpha.data.view(-1)
                alpha.fill_(5)[: round(share * len(alpha))] = -5


def run(
    folder: Path, trainer: Any, epochs: range, best: int = 1, end: bool = True, **options: Any
) -> GateReport:
    callback = GateReport(str(folder), **options)
    trainer._callbacks = [callback, *trainer._callbacks]
    trainer._start_after_epochs_completed = epochs.start
    for other in trainer._callbacks:
        other.on_start(trainer)
    for epoch in epochs:
        trainer.close(epoch / 4)
        trainer._total_batches_completed = 10 * (epoch + 1)
        for other in trainer._callbacks:
            other.on_epoch(trainer, {"best_epoch": min(epoch, best)}, epoch)
    trainer.close(best / 4)  # the trainer loads the best weights before the end
    if end:
        for other in trainer._callbacks:
            other.on_end(trainer, {"best_epoch": best}, epochs[-1])
    return callback


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "heads").iterdir()}


def test_files_of_a_run(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"pytorch_seed": 5}')
    run(tmp_path, Trainer(HardConcreteGates([4, 4, 3])), range(3))
    report = json.loads((tmp_path / "heads" / "gates.json").read_text())
    assert report["seed"] == 5 and report["threshold"] == 1e-3
    assert report["sets"]["gates"] == {"layers": 3, "heads_per_layer": [4, 4, 3], "heads": 11}
    assert [(e["epoch"], e["step"], e["best"]) for e in report["epochs"]] == [
        (-1, 0, False),
        (0, 10, True),
        (1, 20, True),
        (2, 30, False),
    ]
    # closing starts at the first heads of the first layers; cell 12 stands for no head
    assert [e["sets"]["gates"]["open"] for e in report["epochs"]] == [11, 11, 8, 5]
    assert report["epochs"][3]["sets"]["gates"]["open_per_layer"] == [0, 2, 3]
    assert report["final"]["epoch"] == 1 and report["final"]["sets"]["gates"]["open"] == 8
    arrays = read_arrays(tmp_path / "heads" / "gates.npz")
    assert arrays["gates/gates"].shape == (4, 3, 4)
    assert (arrays["final/gates"] == arrays["gates/gates"][2]).all()
    assert sorted(files(tmp_path)) == sorted(
        ["gates.json", "gates.npz", "gates.gif", "gates.png", "gates.svg"]
        + ["gates_best.png", "gates_best.svg"]
    )


def test_report_names_encoder_and_tasks(tmp_path: Path) -> None:
    trainer: Any = Trainer(HardConcreteGates([4]))
    trainer.model.encoder0.transformer_model = "bert-base-cased"
    trainer.model.heads = torch.nn.ModuleDict({task: torch.nn.Identity() for task in TASKS})
    leftover = tmp_path / "heads" / ".gates.json.1.tmp"
    leftover.parent.mkdir()
    leftover.write_bytes(b"half")
    run(tmp_path, trainer, range(1), best=0)
    report = json.loads((tmp_path / "heads" / "gates.json").read_text())
    assert report["encoder"] == {"gates": "bert-base-cased"} and report["tasks"] == ["dep", "pos"]
    assert report["tasks_of_set"] == {"gates": ["pos", "dep"]}
    assert not leftover.exists()


def test_resumed_run_writes_the_same_files(tmp_path: Path) -> None:
    run(tmp_path / "whole", Trainer(HardConcreteGates([4, 4])), range(4))
    run(tmp_path / "cut", Trainer(HardConcreteGates([4, 4])), range(3), end=False)
    # the checkpoint of the third epoch was never written
    run(tmp_path / "cut", Trainer(HardConcreteGates([4, 4])), range(2, 4))
    assert files(tmp_path / "cut") == files(tmp_path / "whole")


def test_resumed_run_without_its_files_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run(tmp_path, Trainer(HardConcreteGates([4])), range(2, 4), best=2)
    report = json.loads((tmp_path / "heads" / "gates.json").read_text())
    assert [entry["epoch"] for entry in report["epochs"]] == [2, 3]
    assert "starts anew at epoch 2" in caplog.text


def test_no_animation_if_not_wanted(tmp_path: Path) -> None:
    run(tmp_path, Trainer(HardConcreteGates([4])), range(1), best=0, gif=False)
    assert "gates.gif" not in files(tmp_path)


def test_names_of_sets_of_gates() -> None:
    shared, tasks = HardConcreteGates([2]), PerTaskGates([2], TASKS)
    assert list(find_gates(Trainer(shared).model)) == ["gates"]
    assert list(find_gates(Trainer(tasks).model)) == ["pos", "dep"]
    model = Trainer(shared, tasks).model
    both = find_gates(model)
    assert list(both) == ["encoder0.gates", "encoder1.gates.pos", "encoder1.gates.dep"]
    assert both["encoder1.gates.dep"] == (tasks, "dep", model.get_submodule("encoder1"))
    assert list(find_gates(Trainer(shared, shared).model)) == ["gates"]


def test_gates_of_tasks_have_pictures_of_their_own(tmp_path: Path) -> None:
    trainer = Trainer(PerTaskGates([2, 0, 1], TASKS))
    trainer.model.heads = torch.nn.ModuleDict({task: torch.nn.Identity() for task in TASKS})
    run(tmp_path, trainer, range(2))
    assert {"gates.pos.png", "gates.dep.gif", "gates_best.dep.svg"} <= set(files(tmp_path))
    arrays = read_arrays(tmp_path / "heads" / "gates.npz")
    assert arrays["gates/pos"].shape == arrays["gates/dep"].shape == (3, 3, 2)
    report = json.loads((tmp_path / "heads" / "gates.json").read_text())
    assert report["tasks_of_set"] == {"pos": ["pos"], "dep": ["dep"]}
    assert report["sets"]["dep"] == {"layers": 3, "heads_per_layer": [2, 0, 1], "heads": 3}


def test_heads_keep_their_numbers_when_others_were_removed(tiny_bert: str, tmp_path: Path) -> None:
    trainer = Trainer()
    encoder = GatedEncoder(tiny_bert, Lazy(HardConcreteGates), removed_heads={0: [1], 1: [0, 1, 2]})
    trainer.model.add_module("encoder", encoder)
    kept = encoder.gates.mask.clone()
    kept[0, 0] = False
    encoder.gates.binarize(kept)
    run(tmp_path, trainer, range(1), best=0)
    arrays = read_arrays(tmp_path / "heads" / "gates.npz")
    exists = [[1, 0, 1, 1], [0, 0, 0, 1], [1, 1, 1, 1]]
    assert arrays["exists/gates"].astype(int).tolist() == exists
    assert arrays["final/gates"].tolist() == [[0, *exists[0][1:]], *exists[1:]]


def test_final_gates_are_reported_as_they_are(tmp_path: Path) -> None:
    gates = PerTaskGates([2, 0, 1], TASKS)
    gates.binarize(torch.tensor([[0, 1], [0, 0], [1, 0]]), "dep")
    run(tmp_path, Trainer(gates), range(1), best=0)
    arrays = read_arrays(tmp_path / "heads" / "gates.npz")
    assert arrays["final/dep"].tolist() == [[0, 1], [0, 0], [1, 0]]
    report = json.loads((tmp_path / "heads" / "gates.json").read_text())
    assert report["final"]["sets"]["dep"]["open_per_layer"] == [1, 0, 1]
    assert report["final"]["sets"]["pos"]["open"] == 3


def test_a_model_without_gates_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match='"gates": "hard_concrete"'):
        run(tmp_path, Trainer(), range(1))
    assert not (tmp_path / "heads").exists()


def test_a_regularizer_that_matches_no_gate_is_an_error(tmp_path: Path) -> None:
    trainer: Any = Trainer(HardConcreteGates([4]))
    trainer.model._regularizer = RegularizerApplicator([("log_alfa", HardConcreteL0())])
    with pytest.raises(ConfigurationError, match="log_alfa"):
        run(tmp_path, trainer, range(1))
    trainer.model._regularizer = RegularizerApplicator([("log_alpha", HardConcreteL0())])
    run(tmp_path, trainer, range(1), best=0)


def test_open_gates_are_reported_as_a_baseline(tmp_path: Path) -> None:
    run(tmp_path, Trainer(OpenGates([3, 2])), range(1), best=0)
    report = json.loads((tmp_path / "heads" / "gates.json").read_text())
    assert report["final"]["sets"]["gates"]["open_share"] == 1


@pytest.mark.parametrize("broken", ["write_gif", "write_current"])
def test_drawing_that_fails_never_stops_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError("no ink")

    monkeypatch.setattr(f"allennlp_heads.reports.gate_pictures.{broken}", fail)
    run(tmp_path, Trainer(HardConcreteGates([4])), range(2))
    assert "no ink" in caplog.text
    assert {"gates.json", "gates.npz"} <= set(files(tmp_path))
    assert any(record.levelno == logging.ERROR for record in caplog.records)


def test_a_run_that_breaks_off_says_nothing_of_archived_weights(tmp_path: Path) -> None:
    trainer: Any = Trainer(HardConcreteGates([4, 4]))
    callback = run(tmp_path, trainer, range(2), end=False)
    trainer.close(1.0)
    callback.on_end(trainer, None, None)
    report = json.loads((tmp_path / "heads" / "gates.json").read_text())
    assert report["final"] is None
    assert "gates_best.png" in files(tmp_path)


def test_only_the_first_worker_writes(tmp_path: Path) -> None:
    trainer: Any = Trainer(HardConcreteGates([4]))
    callback = GateReport(str(tmp_path))
    callback.on_start(trainer, is_primary=False)
    callback.on_epoch(trainer, {}, 0, is_primary=False)
    callback.on_end(trainer, {}, 0, is_primary=False)
    assert not (tmp_path / "heads").exists()


@pytest.mark.parametrize("board_first", [True, False])
def test_tensorboard_gets_picture_and_count(tmp_path: Path, board_first: bool) -> None:
    trainer: Any = Trainer(HardConcreteGates([4, 4]))
    board = TensorBoardCallback(str(tmp_path))
    if not board_first:
        trainer._callbacks = [board]
        run(tmp_path, trainer, range(2))
    else:
        report = GateReport(str(tmp_path))
        trainer._callbacks = [board, report]
        for callback in trainer._callbacks:
            callback.on_start(trainer)
        for epoch in range(2):
            trainer.close(epoch / 4)
            report.on_epoch(trainer, {"best_epoch": epoch}, epoch)
        board.close()
    events = EventAccumulator(str(tmp_path / "log" / "train"))
    events.Reload()
    assert [(e.step, e.value) for e in events.Scalars("heads/gates/open")] == [(1, 8), (2, 6)]
    assert [e.value for e in events.Scalars("heads/gates/open_share")] == [1, 0.75]
    images = events.Images("heads/gates")
    assert [image.step for image in images] == [1, 2] and images[0].width > 100


def test_reporting_changes_nothing(tmp_path: Path) -> None:
    """Weights, random state and mode are as before."""
    trainer: Any = Trainer(HardConcreteGates([4, 4]))
    trainer.model.train()
    before = trainer.model.state_dict()["encoder0.gates.log_alpha"].clone()
    states = torch.get_rng_state(), numpy.random.get_state()[1].copy()  # type: ignore[union-attr]
    callback = GateReport(str(tmp_path))
    callback.on_start(trainer)
    callback.on_epoch(trainer, {"best_epoch": 0}, 0)
    callback.on_end(trainer, {"best_epoch": 0}, 0)
    assert torch.equal(trainer.model.state_dict()["encoder0.gates.log_alpha"], before)
    assert torch.equal(torch.get_rng_state(), states[0])
    assert (numpy.random.get_state()[1] == states[1]).all()  # type: ignore[union-attr]
    assert trainer.model.training
