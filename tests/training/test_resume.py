"""A run that is killed and resumed with `--recover` ends like one that was not."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.training import gradient_descent_trainer

from allennlp_heads.reports import gate_pictures
from allennlp_heads.training.best_weights import is_best
from tests.training import configs
from tests.training.runs import Killed, Unkilled, dying, same, train, train_killed


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """One thread, and no pictures: `test_resume_foreign.py` has them."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("write_current", "write_best"):
            patch.setattr(gate_pictures, name, lambda history, folder: None)
        yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def multitask(
    tiny_bert: str, fixtures_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Unkilled:
    folder = tmp_path_factory.mktemp("multitask") / "run"
    return Unkilled(configs.multitask(tiny_bert, fixtures_root), folder)


@pytest.fixture(scope="module")
def impatient(
    tiny_bert: str, fixtures_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Unkilled:
    folder = tmp_path_factory.mktemp("impatient") / "run"
    return Unkilled(configs.impatient(tiny_bert, fixtures_root), folder)


def test_the_run_has_something_to_lose(multitask: Unkilled) -> None:
    """Gates that close, noise in every part, checkpoints inside epochs."""
    left = multitask.left
    report = json.loads(left["reports"]["heads/gates.json"])
    assert report["epochs"][0]["sets"]["gates"]["open"] == 12
    assert 0 < report["epochs"][-1]["sets"]["gates"]["open"] < 12
    assert ("saved", 2, 3) in multitask.moments and ("batch", 2, 4) in multitask.moments
    assert [entry["epoch"] for entry in report["epochs"]] == [-1, *range(configs.EPOCHS)]
    assert report["epochs"][-1]["step"] == 4 * configs.EPOCHS


@pytest.mark.parametrize(
    "moment",
    [
        ("batch", 0, 1),  # before the first checkpoint
        ("saved", 0, 3),  # in the first epoch, after a checkpoint
        ("batch", 1, 2),  # in an epoch, after a checkpoint at its start
        ("saved", 2, 3),  # in an epoch, after a checkpoint in its middle
        ("validation batch", 1, 2),
        ("epoch", 2),  # between epochs, before the checkpoint
        ("saved", 1, 0),  # between the checkpoint and the first best.th
        ("end",),
    ],
    ids=lambda moment: " ".join(map(str, moment)),
)
def test_killed_at(multitask: Unkilled, tmp_path: Path, moment: tuple[Any, ...]) -> None:
    train_killed(multitask.config, tmp_path, *moment)
    multitask.assert_same(tmp_path)


def test_killed_between_a_checkpoint_and_the_next_best(multitask: Unkilled, tmp_path: Path) -> None:
    best = max(m["best_epoch"] for m in multitask.metrics if m["best_epoch"] == m["epoch"])
    train_killed(multitask.config, tmp_path, "saved", best + 1, 0)
    stale = tmp_path / "best.th"
    before = torch.load(stale) if stale.exists() else None
    assert before is None or not same(before, multitask.left["best"])
    multitask.assert_same(tmp_path)


def test_killed_when_the_old_best_is_deleted_and_the_new_not_linked(
    multitask: Unkilled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(*args: Any) -> None:
        raise Killed

    monkeypatch.setattr(gradient_descent_trainer, "hardlink_or_copy", kill)
    with pytest.raises(Killed):
        train(multitask.config, tmp_path)
    monkeypatch.undo()
    assert not (tmp_path / "best.th").exists()
    multitask.assert_same(tmp_path)


@pytest.mark.parametrize("half_written", ["model_state_e2_b0", "training_state_e2_b0"])
def test_killed_inside_a_save(
    multitask: Unkilled, tmp_path: Path, half_written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = torch.save

    def half(state: Any, file: Any, *args: Any, **kwargs: Any) -> None:
        if half_written not in str(getattr(file, "name", file)):
            return save(state, file, *args, **kwargs)
        file.write(b"PK half of a checkpoint")
        raise Killed

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(Killed):
        train(multitask.config, tmp_path)
    monkeypatch.undo()
    assert not (tmp_path / f"{half_written}.th").exists()
    multitask.assert_same(tmp_path)


def test_killed_again_and_again(multitask: Unkilled, tmp_path: Path) -> None:
    train_killed(multitask.config, tmp_path, "batch", 1, 4)
    for moment in (("saved", 2, 0), ("epoch", 2), ("end",)):
        with dying(*moment):
            train(multitask.config, tmp_path, recover=True)
    multitask.assert_same(tmp_path)


def test_newest_checkpoint_truncated(multitask: Unkilled, tmp_path: Path) -> None:
    train_killed(multitask.config, tmp_path, "batch", 2, 1)
    newest = tmp_path / "model_state_e2_b0.th"
    whole = newest.read_bytes()
    if (tmp_path / "best.th").samefile(newest):
        (tmp_path / "best.th").write_bytes(whole[:1000])
    newest.write_bytes(whole[:1000])
    multitask.assert_same(tmp_path)


def test_every_checkpoint_damaged(multitask: Unkilled, tmp_path: Path) -> None:
    train_killed(multitask.config, tmp_path, "batch", 2, 1)
    for path in tmp_path.glob("training_state_*.th"):
        path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ConfigurationError, match="training_state_e2_b0.th"):
        train(multitask.config, tmp_path, recover=True)


def test_resuming_a_finished_run_changes_nothing(multitask: Unkilled, tmp_path: Path) -> None:
    train(multitask.config, tmp_path)
    multitask.assert_same(tmp_path)


def test_killed_by_the_operating_system(multitask: Unkilled, tmp_path: Path) -> None:
    """A real SIGKILL in the middle of a write: no `finally`, no clean-up."""
    (tmp_path / "config.json").write_text(json.dumps(multitask.config))
    script = """
        import json, os, signal, sys, torch
        from pathlib import Path
        torch.set_num_threads(1)
        from allennlp_heads.reports import gate_pictures
        from tests.training.runs import train
        gate_pictures.write_current = gate_pictures.write_best = lambda *args: None
        save = torch.save
        def half(state, file, *args):
            if "model_state_e2_b0" in str(getattr(file, "name", "")):
                file.write(b"PK half"); file.flush()
                os.kill(os.getpid(), signal.SIGKILL)
            return save(state, file, *args)
        torch.save = half
        train(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), tmp_path / "config.json", tmp_path / "run"],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "PYTHONPATH": "."},
        capture_output=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2000:]
    leftovers = [path.name for path in (tmp_path / "run").glob(".*.tmp")]
    assert len(leftovers) == 1 and leftovers[0].startswith(".model_state_e2_b0.th.")
    multitask.assert_same(tmp_path / "run")
    assert not list((tmp_path / "run").glob(".*.tmp"))


def test_killed_after_patience(impatient: Unkilled, tmp_path: Path) -> None:
    assert len(impatient.metrics) == 3 < configs.EPOCHS
    train_killed(impatient.config, tmp_path, "end")
    impatient.assert_same(tmp_path)
    assert not (tmp_path / "metrics_epoch_3.json").exists()


def test_killed_between_the_last_checkpoint_and_the_stop(
    impatient: Unkilled, tmp_path: Path
) -> None:
    train_killed(impatient.config, tmp_path, "saved", 3, 0)
    impatient.assert_same(tmp_path)


def test_without_the_callback_allennlp_trains_an_epoch_too_many(
    impatient: Unkilled, tmp_path: Path
) -> None:
    config = json.loads(json.dumps(impatient.config))
    config["trainer"]["callbacks"].remove("exact_resume")
    train_killed(config, tmp_path, "end")
    train(config, tmp_path, recover=True)
    assert (tmp_path / "metrics_epoch_3.json").exists()


def test_checkpoints_say_whether_they_are_the_best(impatient: Unkilled, tmp_path: Path) -> None:
    train_killed(impatient.config, tmp_path, "batch", 1, 4)
    states = {p.stem: torch.load(p) for p in tmp_path.glob("training_state_*.th")}
    assert {name: is_best(state) for name, state in states.items()} == {
        "training_state_e1_b0": True,
        "training_state_e1_b3": False,
    }
