"""What a training goes on from is damaged, or can no longer be written."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError

from tests.faults.callbacks import Config, training
from tests.faults.conftest import Noted
from tests.faults.faults import Moments, cut, files_below, flip, refuse
from tests.training.runs import assert_equal, left_by, train

NEWEST = "_state_e2_b0.th"
DAMAGES = {"cut short": cut, "a bit flipped": flip}


class Trained:
    """A finished training in its folder, and a copy of that to begin again with."""

    def __init__(self, config: Config, run: Path) -> None:
        self.config, self.run = config, run
        with Moments(run) as moments:
            self.left = left_by(run, train(config, run))
        self.moments, self.files = moments.seen, set(files_below(run))
        self._copy = run.with_name("copy")
        shutil.copytree(run, self._copy)

    def put_back(self) -> None:
        shutil.rmtree(self.run, ignore_errors=True)
        shutil.copytree(self._copy, self.run)

    def assert_same_after_recovery(self) -> None:
        assert_equal(left_by(self.run, train(self.config, self.run, recover=True)), self.left)
        assert set(files_below(self.run)) == self.files


@pytest.fixture(scope="module")
def finished(
    tiny_bert: str, fixtures_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Trained:
    config = training(tiny_bert, fixtures_root, "sparsity_target")
    return Trained(config, tmp_path_factory.mktemp("training") / "run")


@pytest.fixture
def trained(finished: Trained) -> Iterator[Trained]:
    finished.put_back()
    yield finished


@pytest.mark.parametrize(
    ("name", "came"),
    [
        (f"model{NEWEST}", "an older checkpoint is taken"),
        (f"training{NEWEST}", "an older checkpoint is taken"),
        ("best.th", "it is written again from a checkpoint"),
        ("vocabulary/upos_labels.txt", "it is written again"),
        ("model.tar.gz", "it is written again"),
    ],
)
@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_file(
    name: str, came: str, damage: str, share: float, trained: Trained, noted: Noted
) -> None:
    path = trained.run / name
    alone = path.read_bytes()
    path.unlink()  # best.th is one with the checkpoint that it is of
    path.write_bytes(alone)
    DAMAGES[damage](path, share)
    trained.assert_same_after_recovery()
    noted(f"`{path.name}` {damage}", "a training with `--recover`", f"{came}; the end is the same")


def test_checkpoint_that_cannot_be_written(share: float, trained: Trained, noted: Noted) -> None:
    saves = [at for at, one in enumerate(trained.moments) if "_state_e" in one]
    at = saves[int(share * len(saves))]
    shutil.rmtree(trained.run)
    with pytest.raises((ConfigurationError, OSError)) as raised:
        with Moments(trained.run, at, refuse, on=True):
            train(trained.config, trained.run)
    assert "No space left" in str(raised.value)
    assert not [name for name in files_below(trained.run) if name.endswith(".tmp")]
    trained.assert_same_after_recovery()
    noted("disk full", "a checkpoint", "the training stops; `--recover` ends with the same numbers")
