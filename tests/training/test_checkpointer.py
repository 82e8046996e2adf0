import errno
import logging
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy
import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.training.checkpointer import Checkpointer
from allennlp.training.metric_tracker import MetricTracker
from allennlp.training.trainer import TrainerCheckpoint

from allennlp_heads.training import AtomicCheckpointer


class Killed(BaseException):
    pass


class FakeTrainer:
    """The part of the trainer that a checkpointer sees."""

    def __init__(self, size: int = 4) -> None:
        self._metric_tracker = MetricTracker("+score")
        self._should_validate_this_epoch = True
        self.model = torch.nn.Linear(size, size)
        self.point = (0, 0)
        self.extra: Any = numpy.float64(0.5)
        self.best_model_filename: str | None = None

    def reach(self, epochs: int, batches: int = 0, score: float | None = None) -> "FakeTrainer":
        self.point = (epochs, batches)
        torch.nn.init.constant_(self.model.weight, epochs + batches / 100)
        if score is not None:
            self._metric_tracker.add_metrics({"score": score})
        return self

    def get_checkpoint_state(self) -> TrainerCheckpoint:
        state = {
            "version": 1,
            "metric_tracker": self._metric_tracker.state_dict(),
            "callbacks": [{"extra": self.extra}],
            "epochs_completed": self.point[0],
            "batches_in_epoch_completed": self.point[1],
            "best_model_filename": self.best_model_filename,
        }
        return TrainerCheckpoint(self.model.state_dict(), state)


def save(checkpointer: Checkpointer, trainer: Any) -> None:
    checkpointer.save_checkpoint(trainer)


def link_best(folder: Path, epochs: int) -> None:
    best = folder / "best.th"
    best.unlink(missing_ok=True)
    os.link(folder / f"model_state_e{epochs}_b0.th", best)


def weight(checkpoint: TrainerCheckpoint | None) -> float:
    assert checkpoint is not None
    return float(checkpoint.model_state["weight"][0, 0])


def damage(path: Path, share: float = 0.5) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three epochs, each better than the one before, as the trainer leaves them."""
    checkpointer, trainer = AtomicCheckpointer(tmp_path), FakeTrainer()
    for epochs in (1, 2, 3):
        save(checkpointer, trainer.reach(epochs, score=epochs))
        link_best(tmp_path, epochs)
        trainer.best_model_filename = str(tmp_path / "best.th")
    return tmp_path


def pair(point: str) -> list[str]:
    return [f"model_state_{point}.th", f"training_state_{point}.th"]


def test_names_options_and_number_kept_are_allennlps(folder: Path) -> None:
    assert files(folder) == sorted(["best.th", *pair("e2_b0"), *pair("e3_b0")])
    checkpointer = AtomicCheckpointer(folder)
    assert checkpointer.find_latest_checkpoint() == tuple(str(folder / f) for f in pair("e3_b0"))
    assert weight(checkpointer.load_checkpoint()) == 3
    assert isinstance(Checkpointer.by_name("atomic")(folder), AtomicCheckpointer)


def test_no_checkpoint_is_no_error(tmp_path: Path) -> None:
    assert AtomicCheckpointer(tmp_path).find_latest_checkpoint() is None
    assert AtomicCheckpointer(tmp_path).load_checkpoint() is None


def test_numpy_in_the_state_survives_the_safe_loader(folder: Path, tmp_path: Path) -> None:
    checkpoint = AtomicCheckpointer(folder).load_checkpoint()
    assert checkpoint is not None
    extra = checkpoint.trainer_state["callbacks"][0]["extra"]
    assert extra == 0.5 and type(extra) is float
    # AllenNLP's own checkpointer cannot read what it wrote itself
    other = tmp_path / "other"
    other.mkdir()
    save(Checkpointer(other), FakeTrainer().reach(1, score=1))
    with pytest.raises(Exception, match="Weights only"):
        Checkpointer(other).load_checkpoint()


def test_state_that_cannot_be_read_back_is_announced(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    trainer, checkpointer = FakeTrainer(), AtomicCheckpointer(tmp_path)
    trainer.extra = SimpleNamespace()
    save(checkpointer, trainer.reach(1, score=1))
    save(checkpointer, trainer.reach(2, score=2))
    messages = [r.message for r in caplog.records if "could not be resumed" in r.message]
    assert len(messages) == 1 and "['callbacks'][0]['extra']" in messages[0]


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999])
@pytest.mark.parametrize("kind", ["model", "training"])
def test_truncated_newest_file_falls_back_where_allennlp_fails(
    folder: Path, kind: str, share: float, caplog: pytest.LogCaptureFixture
) -> None:
    newest = folder / f"{kind}_state_e3_b0.th"
    damage(newest, share)
    with pytest.raises((RuntimeError, EOFError)):
        Checkpointer(folder).load_checkpoint()
    with caplog.at_level(logging.WARNING):
        assert weight(AtomicCheckpointer(folder).load_checkpoint()) == 2
    assert str(newest) in caplog.text
    found = AtomicCheckpointer(folder).find_latest_checkpoint()
    assert found == tuple(str(folder / name) for name in pair("e2_b0"))


def test_a_flipped_byte_is_noticed_where_torch_notices_nothing(folder: Path) -> None:
    path = folder / "model_state_e3_b0.th"
    whole = bytearray(path.read_bytes())
    place = whole.find(numpy.float32(3).tobytes() * 4)
    whole[place] ^= 1
    path.write_bytes(bytes(whole))
    assert weight(TrainerCheckpoint(torch.load(path), {})) != 3
    assert weight(AtomicCheckpointer(folder).load_checkpoint()) == 2


@pytest.mark.parametrize("missing", pair("e3_b0"))
def test_half_a_pair_is_ignored(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    assert weight(AtomicCheckpointer(folder).load_checkpoint()) == 2


def test_killed_inside_the_very_first_save(tmp_path: Path) -> None:
    save(AtomicCheckpointer(tmp_path), FakeTrainer().reach(1, score=1))
    (tmp_path / "training_state_e1_b0.th").unlink()
    assert AtomicCheckpointer(tmp_path).load_checkpoint() is None


def test_nothing_readable_is_an_error_that_names_the_files(folder: Path) -> None:
    for name in (*pair("e2_b0"), *pair("e3_b0")):
        damage(folder / name)
    with pytest.raises(ConfigurationError) as raised:
        AtomicCheckpointer(folder).load_checkpoint()
    message = str(raised.value)
    assert "model_state_e2_b0.th" in message and "model_state_e3_b0.th" in message
    assert "--force" in message


def test_pickled_code_is_not_run(folder: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(folder / "owned"),)

    torch.save({"weight": Evil()}, folder / "model_state_e3_b0.th")
    assert weight(AtomicCheckpointer(folder).load_checkpoint()) == 2
    assert not (folder / "owned").exists()


@pytest.fixture
def dying_save(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[BaseException]]:
    """torch.save writes half of its bytes, then raises what the list holds."""
    errors: list[BaseException] = []
    whole = torch.save

    def half(state: Any, file: Any) -> None:
        if not errors:
            return whole(state, file)
        file.write(b"half" * 100)
        raise errors.pop()

    monkeypatch.setattr(torch, "save", half)
    yield errors


@pytest.mark.parametrize("error", [Killed(), RuntimeError("unexpected pos 64 vs 0")])
def test_a_save_that_breaks_off_leaves_everything_as_it_was(
    folder: Path, dying_save: list[BaseException], error: BaseException
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    dying_save.append(error)
    expected = Killed if isinstance(error, Killed) else ConfigurationError
    with pytest.raises(expected):
        save(AtomicCheckpointer(folder), FakeTrainer().reach(4, score=4))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_leftovers_of_a_kill_are_cleared_away(folder: Path) -> None:
    for name in ("model_state_e4_b0.th", "training_state_e4_b0.th", "best.th"):
        (folder / f".{name}.4711.tmp").write_bytes(b"half")
    (folder / "notes.tmp").write_bytes(b"mine")
    assert weight(AtomicCheckpointer(folder).load_checkpoint()) == 3
    assert [name for name in files(folder) if "tmp" in name] == ["notes.tmp"]


def test_full_disk_is_reported_with_file_and_reason(folder: Path) -> None:
    before = files(folder)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
        with pytest.raises(ConfigurationError) as raised:
            save(AtomicCheckpointer(folder), FakeTrainer(size=100).reach(4, score=4))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert "model_state_e4_b0.th: " + os.strerror(errno.EFBIG) in str(raised.value)
    assert "--recover" in str(raised.value)
    assert files(folder) == before


def test_unwritable_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigurationError, match="cannot write the checkpoint .*model_state_e1"):
        save(AtomicCheckpointer(tmp_path / "file"), FakeTrainer().reach(1, score=1))


def test_older_pair_goes_only_after_the_new_one_is_complete(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    remove = AtomicCheckpointer._remove_checkpoint

    def watch(self: AtomicCheckpointer, *point: int) -> None:
        seen.append((point, set(pair("e4_b0")) <= set(files(folder))))
        remove(self, *point)

    monkeypatch.setattr(AtomicCheckpointer, "_remove_checkpoint", watch)
    save(AtomicCheckpointer(folder), FakeTrainer().reach(4, score=4))
    assert seen == [((2, 0), True)]


def test_damaged_later_checkpoint_does_not_push_out_good_ones(folder: Path) -> None:
    damage(folder / "model_state_e3_b0.th")
    checkpointer = AtomicCheckpointer(folder, keep_most_recent_by_count=1)
    assert weight(checkpointer.load_checkpoint()) == 2
    trainer = FakeTrainer()
    save(checkpointer, trainer.reach(2, batches=5))
    assert checkpointer.find_latest_checkpoint() == tuple(str(folder / f) for f in pair("e2_b5"))
    assert weight(AtomicCheckpointer(folder).load_checkpoint()) == pytest.approx(2.05)
    save(checkpointer, trainer.reach(3, score=3))
    assert weight(AtomicCheckpointer(folder).load_checkpoint()) == 3
    assert [name for name in files(folder) if name != "best.th"] == pair("e3_b0")


def test_orphans_of_a_killed_clean_up_are_removed(folder: Path) -> None:
    (folder / "training_state_e1_b0.th").write_bytes(b"left over")
    save(AtomicCheckpointer(folder), FakeTrainer().reach(4, score=4))
    assert files(folder) == sorted(["best.th", *pair("e3_b0"), *pair("e4_b0")])


def test_newest_is_kept_even_when_asked_to_keep_none(tmp_path: Path) -> None:
    checkpointer = AtomicCheckpointer(tmp_path, keep_most_recent_by_count=0)
    save(checkpointer, FakeTrainer().reach(1, score=1))
    assert files(tmp_path) == pair("e1_b0")


def test_kept_by_age_or_all(tmp_path: Path) -> None:
    trainer = FakeTrainer()
    checkpointer = AtomicCheckpointer(
        tmp_path, keep_most_recent_by_count=1, keep_most_recent_by_age=1000
    )
    for epochs in (1, 2, 3):
        save(checkpointer, trainer.reach(epochs, score=epochs))
    for name in pair("e1_b0"):
        os.utime(tmp_path / name, (0, 0))
    save(checkpointer, trainer.reach(4, score=4))
    assert files(tmp_path) == sorted(pair("e2_b0") + pair("e3_b0") + pair("e4_b0"))
    every = AtomicCheckpointer(tmp_path, keep_most_recent_by_count=None)
    save(every, trainer.reach(5, score=5))
    assert len(files(tmp_path)) == 8


def test_saving_one_point_twice_writes_once(folder: Path) -> None:
    checkpointer, trainer = AtomicCheckpointer(folder), FakeTrainer().reach(4, score=4)
    save(checkpointer, trainer)
    inode = (folder / "model_state_e4_b0.th").stat().st_ino
    save(checkpointer, trainer)
    assert (folder / "model_state_e4_b0.th").stat().st_ino == inode


def test_sharded_state_needs_the_files_of_all_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def worker(rank: int) -> AtomicCheckpointer:
        checkpointer = AtomicCheckpointer(tmp_path)
        checkpointer._rank, checkpointer.state_is_sharded = rank, True
        return checkpointer

    module = "allennlp_heads.training.checkpointer"
    monkeypatch.setattr(f"{module}.is_distributed", lambda: True)
    monkeypatch.setattr(f"{module}.torch.distributed.get_world_size", lambda: 2)
    for epochs in (1, 2):
        for checkpointer in map(worker, (0, 1)):
            save(checkpointer, FakeTrainer().reach(epochs, score=epochs))
    assert [weight(worker(rank).load_checkpoint()) for rank in (0, 1)] == [2, 2]
    damage(tmp_path / "model_state_e2_b0_w1.th")
    assert [weight(worker(rank).load_checkpoint()) for rank in (0, 1)] == [1, 1]
    (tmp_path / "training_state_e2_b0_w1.th").unlink()
    assert [weight(worker(rank).load_checkpoint()) for rank in (0, 1)] == [1, 1]
