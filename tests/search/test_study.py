"""What is said of a study that is damaged, and the files that the verb's help names."""

from __future__ import annotations

import shlex
import sqlite3
from collections.abc import Callable
from pathlib import Path

import optuna
import pytest
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import SigTermReceived

from allennlp_heads.commands.search import Search
from allennlp_heads.search.search import search
from tests.search.searches import Played, options
from tests.training_configs.shipped import ROOT


def overwrite(study: Path) -> None:
    """No database any more."""
    study.write_bytes(b"nothing of SQLite's" * 100)


def spoil_a_trial(study: Path) -> None:
    """Seen only by who reads the trials; the tables and the study are whole."""
    with sqlite3.connect(study) as database:
        database.execute("UPDATE trial_params SET distribution_json = 'x'")
    database.close()


def cut(study: Path) -> None:
    """As on a full disk."""
    study.write_bytes(study.read_bytes()[: study.stat().st_size // 2])


def empty(study: Path) -> None:
    """Nothing left."""
    study.write_bytes(b"")


@pytest.mark.parametrize("damage", [overwrite, cut, empty, spoil_a_trial])
def test_a_damaged_study_is_named_in_one_line(
    damage: Callable[[Path], None], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    search(options(tmp_path, trials=1), out, Played, lambda searched: [])
    damage(out / "study.db")
    with pytest.raises(ConfigurationError) as found:
        search(options(tmp_path, trials=2), out, Played, lambda searched: [])
    said = str(found.value)
    assert said.startswith(f"{out / 'study.db'} cannot be read (") and "\n" not in said
    assert said.endswith("put back a copy of it, or search anew in another folder with -s")


def test_a_signal_says_nothing_about_the_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(**_: object) -> None:
        raise SigTermReceived

    monkeypatch.setattr(optuna, "load_study", ends)
    with pytest.raises(SigTermReceived):
        search(options(tmp_path, trials=1), tmp_path / "out", Played, lambda searched: [])


def test_the_files_of_the_help_exist() -> None:
    files = [word for word in shlex.split(Search.example) if word.startswith("training_configs")]
    assert len(files) == 2 and all((ROOT / file).is_file() for file in files)
