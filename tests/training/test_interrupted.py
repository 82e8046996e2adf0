"""After Ctrl-C the archive still carries the encoder."""

import atexit
import errno
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.models.archival import archive_model, load_archive
from allennlp.training.callbacks import TrainerCallback

import tests.tiny as tiny
from allennlp_heads.training import interrupted
from allennlp_heads.training.interrupted import complete_archive_at_exit
from tests.training.configs import multitask


@TrainerCallback.register("test_ctrl_c")
class CtrlC(TrainerCallback):
    """Interrupts the second epoch."""

    def on_batch(self, trainer: Any, *args: Any, **kwargs: Any) -> None:
        if args[3] == 1:
            raise KeyboardInterrupt


def test_archive_of_an_interrupted_run(
    tmp_path: Path, fixtures_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(atexit, "register", lambda *call: calls.append(call))
    encoder = tiny.encoder_folder(tmp_path / "encoder-of-training")
    config = multitask(encoder, fixtures_root)
    config["include_in_archive"] = ["encoder"]
    config["trainer"] |= {"callbacks": ["test_ctrl_c", "exact_resume"], "checkpointer": "atomic"}
    run = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        train_model(Params(json.loads(json.dumps(config))), str(run))
    with tarfile.open(run / "model.tar.gz") as archive:
        assert not [name for name in archive.getnames() if "tokenizer" in name]
    ((function, *arguments),) = [call for call in calls if "archive" in call[0].__name__]
    function(*arguments)
    shutil.rmtree(encoder)
    assert load_archive(run / "model.tar.gz").model is not None
    assert not list(run.glob("*.draft"))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """What the archive is made of."""
    for name in ("encoder", "vocabulary"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    (tmp_path / "config.json").write_text('{"include_in_archive": ["encoder"]}')
    (tmp_path / "best.th").write_bytes(bytes(range(256)) * 200)
    return tmp_path


def at_exit(run: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """What the run registers."""
    calls: list[Any] = []
    with monkeypatch.context() as patched:
        patched.setattr(atexit, "register", lambda *call: calls.append(call))
        complete_archive_at_exit(str(run))
    ((function, *arguments),) = calls
    return lambda: function(*arguments)


def test_an_archive_that_is_whole_stays(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    end = at_exit(run, monkeypatch)
    end()
    archive_model(run)
    whole = (run / "model.tar.gz").read_bytes()
    try:
        raise ValueError
    except ValueError:
        end = at_exit(run, monkeypatch)
    end()
    assert (run / "model.tar.gz").read_bytes() == whole


def test_half_an_archive_is_deleted(
    run: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    archive_model(run)
    whole = (run / "model.tar.gz").read_bytes()
    (run / "model.tar.gz").write_bytes(whole[:-9])
    (run / "model.tar.gz.draft").touch()
    at_exit(run, monkeypatch)()
    assert sorted(path.name for path in run.glob("*.tar*")) == []
    assert "was cut short" in caplog.text and "--recover" in caplog.text


def test_a_disk_that_is_full_at_exit(
    run: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    archive_model(run)
    whole = (run / "model.tar.gz").read_bytes()

    def refuse(*args: Any, archive_path: Path, **kwargs: Any) -> None:
        archive_path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(interrupted, "archive_model", refuse)
    interrupted.complete_archive(str(run))
    assert (run / "model.tar.gz").read_bytes() == whole
    assert not (run / "model.tar.gz.draft").exists()
    assert "lacks its files ['encoder']: No space left" in caplog.text
