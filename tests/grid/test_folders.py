"""How far a folder is found to be."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.grid.folders import Progress, archived, prepare_to_recover, progress_of
from tests.grid.fake import begin, finish, planned


def test_progress_of_a_folder(tmp_path: Path) -> None:
    run = planned(tmp_path, "one")
    folder = tmp_path / "one"
    assert progress_of(run) is Progress.NONE
    folder.mkdir()
    assert progress_of(run) is Progress.NONE
    (folder / "config.json").write_text('{"cut')
    assert progress_of(run) is Progress.UNREADABLE
    begin(run)
    assert progress_of(run) is Progress.BEGUN
    finish(run)
    assert progress_of(run) is Progress.COMPLETE
    (folder / "metrics.json").write_text("{")
    assert progress_of(run) is Progress.BEGUN


def test_an_archive_is_read_to_its_end_once(tmp_path: Path) -> None:
    run = planned(tmp_path, "one")
    finish(run)
    archive = tmp_path / "one" / "model.tar.gz"
    content = bytearray(archive.read_bytes())
    content[-8] ^= 1  # of the checksum
    archive.write_bytes(content)
    assert progress_of(run) is Progress.BEGUN
    assert progress_of(run, archived(run)) is Progress.COMPLETE  # found whole before, it is said
    prepare_to_recover(run)
    assert not archive.exists() and archived(run) is None


def test_an_archive_that_was_stopped_and_packed_to_its_end_is_not_whole(tmp_path: Path) -> None:
    """SIGTERM closes the packed file as it should be, but the one inside breaks off."""
    run = planned(tmp_path, "one")
    finish(run)
    with gzip.open(tmp_path / "one" / "model.tar.gz", "wb") as file:
        file.write(b"a header and no end" * 100)
    assert progress_of(run) is Progress.BEGUN


@pytest.mark.parametrize(
    ("there", "now", "key"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, r"a\.b"),
        ({"a": {"b": 1}}, {"a": {}}, r"a\.b"),
        ({}, {"seed": 3}, "seed"),
        ({"a": [1, {"b": 1}]}, {"a": [1, {"b": 2}]}, r"a\.1\.b"),
        ({"a": [1]}, {"a": [1, 2]}, "a"),
    ],
)
def test_the_first_key_that_differs_is_named(
    there: dict[str, object], now: dict[str, object], key: str, tmp_path: Path
) -> None:
    run = planned(tmp_path, "one")
    begin(replace(run, config=there))
    with pytest.raises(ConfigurationError, match=f"one: '{key}' is not what it was when"):
        progress_of(replace(run, config=now))


def test_what_only_failed_may_be_changed(tmp_path: Path) -> None:
    run = planned(tmp_path, "one")
    begin(run, epochs=0)
    assert progress_of(run) is Progress.BEGUN
    other = replace(run, config={"trainer": {"num_epochs": 3}})
    assert progress_of(other) is Progress.UNREADABLE
    (tmp_path / "one" / "best.th").write_bytes(b"")
    with pytest.raises(ConfigurationError, match="is not what it was when"):
        progress_of(other)


def test_a_grid_may_be_moved(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    run = planned(old, "one", files=[str(old / "source" / "model.tar.gz")])
    begin(run)
    old.rename(new)
    moved = planned(new, "one", files=[str(new / "source" / "model.tar.gz")])
    assert progress_of(moved) is Progress.BEGUN
    prepare_to_recover(moved)
    assert json.loads((new / "one" / "config.json").read_text()) == moved.config
    other = planned(new, "one", files=[str(new / "other" / "model.tar.gz")])
    with pytest.raises(ConfigurationError, match=r"files\.0"):
        progress_of(other)
