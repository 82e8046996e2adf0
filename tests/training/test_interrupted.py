"""After Ctrl-C the archive still carries the encoder."""

import atexit
import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.models.archival import load_archive
from allennlp.training.callbacks import TrainerCallback

import tests.tiny as tiny
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
    at_exit: list[tuple[Any, ...]] = []
    monkeypatch.setattr(atexit, "register", lambda *call: at_exit.append(call))
    encoder = tiny.encoder_folder(tmp_path / "encoder-of-training")
    config = multitask(encoder, fixtures_root)
    config["include_in_archive"] = ["encoder"]
    config["trainer"] |= {"callbacks": ["test_ctrl_c", "exact_resume"], "checkpointer": "atomic"}
    run = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        train_model(Params(json.loads(json.dumps(config))), str(run))
    with tarfile.open(run / "model.tar.gz") as archive:
        assert not [name for name in archive.getnames() if "tokenizer" in name]
    ((function, *arguments),) = [call for call in at_exit if "archive" in call[0].__name__]
    function(*arguments)
    shutil.rmtree(encoder)
    assert load_archive(run / "model.tar.gz").model is not None
    assert not list(run.glob("*.draft"))


def test_a_run_that_ends_well_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atexit, "register", lambda *call: pytest.fail("not interrupted"))
    complete_archive_at_exit("anywhere")
    try:
        raise ValueError
    except ValueError:
        complete_archive_at_exit("anywhere")
