"""`best.th` after a kill, as the checkpointer `atomic` repairs it when it loads."""

import os
from pathlib import Path

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.training.moving_average import ExponentialMovingAverage
from allennlp.training.trainer import TrainerCheckpoint

from allennlp_heads.training import AtomicCheckpointer
from allennlp_heads.training.best_weights import best_weights
from tests.training.test_checkpointer import FakeTrainer, damage, link_best

# epochs 1 and 2 improve, 3 and 4 do not
SCORES = [1.0, 2.0, 1.5, 1.0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return train(tmp_path, until=4)


def train(folder: Path, until: int, batches: int = 0, keep: int = 2) -> Path:
    checkpointer = AtomicCheckpointer(folder, keep_most_recent_by_count=keep)
    trainer = FakeTrainer()
    for epochs in range(1, until + 1):
        checkpointer.save_checkpoint(trainer.reach(epochs, score=SCORES[epochs - 1]))  # type: ignore[arg-type]
        if trainer._metric_tracker.is_best_so_far():
            link_best(folder, epochs)
            trainer.best_model_filename = str(folder / "best.th")
    if batches:
        checkpointer.save_checkpoint(trainer.reach(until, batches))  # type: ignore[arg-type]
    return folder


def resume(folder: Path) -> TrainerCheckpoint:
    checkpoint = AtomicCheckpointer(folder).load_checkpoint()
    assert checkpoint is not None
    return checkpoint


def best(folder: Path) -> float:
    return float(torch.load(folder / "best.th")["weight"][0, 0])


def test_kill_between_checkpoint_and_first_best(tmp_path: Path) -> None:
    train(tmp_path, until=1)
    (tmp_path / "best.th").unlink()
    assert resume(tmp_path).trainer_state["best_model_filename"] == str(tmp_path / "best.th")
    assert best(tmp_path) == 1


@pytest.mark.parametrize("left", ["nothing", "older", "truncated", "empty"])
def test_kill_between_checkpoint_and_next_best(tmp_path: Path, left: str) -> None:
    train(tmp_path, until=2)
    path = tmp_path / "best.th"
    if left == "nothing":
        path.unlink()
    elif left == "older":
        link_best(tmp_path, 1)
    else:
        whole = path.read_bytes()
        path.unlink()
        path.write_bytes(whole if left == "truncated" else b"")
        damage(path)
    resume(tmp_path)
    assert best(tmp_path) == 2


def test_best_that_is_right_is_not_touched(tmp_path: Path) -> None:
    train(tmp_path, until=2)
    inode = (tmp_path / "best.th").stat().st_ino
    resume(tmp_path)
    assert (tmp_path / "best.th").stat().st_ino == inode


def test_state_names_best_although_it_was_saved_before_best(tmp_path: Path) -> None:
    train(tmp_path, until=1)
    state = torch.load(tmp_path / "training_state_e1_b0.th")
    assert state["best_model_filename"] is None
    assert resume(tmp_path).trainer_state["best_model_filename"] == str(tmp_path / "best.th")


def test_folder_that_was_moved(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    train(tmp_path / "old", until=3)
    (tmp_path / "old").rename(tmp_path / "new")
    state = resume(tmp_path / "new").trainer_state
    assert state["best_model_filename"] == str(tmp_path / "new" / "best.th")
    assert best(tmp_path / "new") == 2


@pytest.mark.parametrize("batches", [0, 3])
def test_best_of_an_earlier_epoch_is_recovered_from_its_checkpoint(
    tmp_path: Path, batches: int
) -> None:
    train(tmp_path, until=3, batches=batches, keep=4)
    damaged = (tmp_path / "best.th").read_bytes()[:-50]
    (tmp_path / "best.th").unlink()
    (tmp_path / "best.th").write_bytes(damaged)
    resume(tmp_path)
    assert best(tmp_path) == 2


def test_best_that_is_nowhere_is_an_error(folder: Path) -> None:
    # epochs 3 and 4 are kept, epoch 2 was the best
    (folder / "best.th").unlink()
    with pytest.raises(ConfigurationError, match="best.th is missing or damaged.*epoch \\(1\\)"):
        resume(folder)


def test_another_improvement_is_not_taken_for_the_best(tmp_path: Path) -> None:
    train(tmp_path, until=3, keep=4)
    (tmp_path / "best.th").unlink()
    damage(tmp_path / "model_state_e2_b0.th")
    with pytest.raises(ConfigurationError, match="best.th"):
        resume(tmp_path)


def test_best_of_an_epoch_that_will_be_trained_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    train(tmp_path, until=3, keep=4)
    # as if epoch 3 had been the best and its checkpoint were damaged afterwards
    link_best(tmp_path, 3)
    for name in ("training_state_e1_b0.th", "training_state_e2_b0.th"):
        os.utime(tmp_path / name, (1, 1))
    damage(tmp_path / "training_state_e3_b0.th")
    resume(tmp_path)
    assert best(tmp_path) == 2  # epoch 2 is what the restored state calls the best


def test_before_the_first_epoch_there_is_no_best(tmp_path: Path) -> None:
    checkpointer, trainer = AtomicCheckpointer(tmp_path), FakeTrainer()
    checkpointer.save_checkpoint(trainer.reach(0, batches=3))  # type: ignore[arg-type]
    assert resume(tmp_path).trainer_state["best_model_filename"] is None
    assert not (tmp_path / "best.th").exists()


def test_epochs_that_are_not_validated_make_no_best(tmp_path: Path) -> None:
    checkpointer, trainer = AtomicCheckpointer(tmp_path), FakeTrainer()
    trainer._should_validate_this_epoch = False
    checkpointer.save_checkpoint(trainer.reach(1))  # type: ignore[arg-type]
    assert resume(tmp_path).trainer_state["best_model_filename"] is None
    assert not (tmp_path / "best.th").exists()


def test_moving_average_is_what_best_holds_also_for_tied_parameters() -> None:
    model = torch.nn.ModuleDict({"a": torch.nn.Linear(2, 2), "b": torch.nn.Linear(2, 2)})
    model["b"].weight = model["a"].weight
    average = ExponentialMovingAverage(list(model.named_parameters()), decay=0.5)
    torch.nn.init.constant_(model["a"].weight, 8.0)  # type: ignore[arg-type]
    average.apply()
    state = {"moving_average": average.state_dict()}
    found = best_weights(TrainerCheckpoint(model.state_dict(), state))
    average.assign_average_value()
    assert found.keys() == model.state_dict().keys()
    assert all(torch.equal(found[name], tensor) for name, tensor in model.state_dict().items())


def test_damaged_best_of_a_later_epoch_is_left_to_the_repetition(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    train(tmp_path, until=4)
    damage(tmp_path / "training_state_e4_b0.th")
    (tmp_path / "best.th").unlink()
    (tmp_path / "best.th").write_bytes(b"half")
    os.utime(tmp_path / "training_state_e3_b0.th", (1, 1))
    assert resume(tmp_path).trainer_state["best_model_filename"] == str(tmp_path / "best.th")
    assert "trained again" in caplog.text
