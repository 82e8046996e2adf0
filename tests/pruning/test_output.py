"""A folder that appears whole or not at all."""

from __future__ import annotations

import itertools
import os
import signal
from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.pruning.output import whole_folder
from tests.faults.faults import signals_raise


def test_it_appears_in_the_end(tmp_path: Path) -> None:
    out = tmp_path / "some/where/out"
    with whole_folder(out, force=False, never_delete=[]) as draft:
        (draft / "file").write_text("new")
        assert not out.exists() and draft.parent == out.parent
    assert [path.name for path in out.parent.iterdir()] == ["out"]
    assert (out / "file").read_text() == "new"
    # with the rights of any new folder
    (tmp_path / "plain").mkdir()
    assert out.stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("failure", [KeyboardInterrupt, ValueError, SystemExit])
@pytest.mark.parametrize("there", [True, False])
def test_nothing_is_left_of_a_failure(
    failure: type[BaseException], there: bool, tmp_path: Path
) -> None:
    out = tmp_path / "some/out"
    if there:
        out.mkdir(parents=True)
        (out / "file").write_text("old")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(failure):
        with whole_folder(out, force=True, never_delete=[]) as draft:
            (draft / "half").write_text("")
            raise failure()
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_is_replaced_only_by_force(tmp_path: Path) -> None:
    out, archive = tmp_path / "out", tmp_path / "model.tar.gz"
    out.mkdir()
    with whole_folder(out, False, [archive]) as draft:  # it is empty
        (draft / "old").write_text("")
    with pytest.raises(ConfigurationError, match="there already.*--force"):
        with whole_folder(out, False, [archive]):
            raise AssertionError("handed out")
    (tmp_path / ".out.999999999.draft").mkdir()  # of a run that was killed
    others = tmp_path / ".out.1.draft"  # of one that still writes
    others.mkdir()
    with whole_folder(out, True, [archive]) as draft:
        (draft / "new").write_text("")
        assert (out / "old").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"out", others.name}
    assert [path.name for path in out.iterdir()] == ["new"]


def test_a_folder_that_a_killed_process_moved_aside_comes_back(tmp_path: Path) -> None:
    """Between the two renames of a replacement the old folder has another name."""
    aside, out = tmp_path / ".out.999999999.old", tmp_path / "out"
    aside.mkdir()
    (aside / "file").write_text("old")
    with pytest.raises(ConfigurationError, match="there already.*--force"):
        with whole_folder(out, False, []):
            raise AssertionError("handed out")
    assert (out / "file").read_text() == "old"
    aside.mkdir()  # the kill came after the second rename
    with whole_folder(out, True, []) as draft:
        (draft / "file").write_text("new")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (out / "file").read_text() == "new"


def test_messages_name_the_folder_and_not_its_draft(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        with whole_folder(tmp_path / "out", False, []) as draft:
            raise ConfigurationError(f"cannot write {draft}/file")
    assert str(raised.value) == f"cannot write {tmp_path}/out/file"


def test_the_archive_is_never_deleted(tmp_path: Path) -> None:
    archive = tmp_path / "run/model.tar.gz"
    archive.parent.mkdir()
    archive.write_text("")
    for out in (tmp_path, tmp_path / "run"):
        with pytest.raises(ConfigurationError, match="would be replaced"):
            with whole_folder(out, True, [tmp_path / "other", archive]):
                raise AssertionError("handed out")
    with whole_folder(tmp_path / "run/pruned", False, [archive]):
        pass
    assert archive.exists() and (tmp_path / "run/pruned").is_dir()


def test_a_full_disk_ends_in_one_message(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot write .*No space left on device"):
        with whole_folder(tmp_path / "out", False, []):
            raise OSError(28, "No space left on device")
    assert not list(tmp_path.iterdir())


def test_what_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file/out"):
        with pytest.raises(ConfigurationError, match="no folder|cannot write"):
            with whole_folder(out, True, []):
                raise AssertionError("handed out")


@pytest.mark.parametrize("moment", [0, 1])
def test_a_signal_between_the_renames_waits_for_their_end(
    moment: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "old").write_text("")
    renames, rename = itertools.count(), os.rename

    def interrupted(source: Path, target: Path) -> None:
        rename(source, target)
        if next(renames) == moment:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(os, "rename", interrupted)
    with signals_raise(), pytest.raises(KeyboardInterrupt):
        with whole_folder(out, True, []) as draft:
            (draft / "new").write_text("")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert [path.name for path in out.iterdir()] == ["new"]
    assert next(renames) == 2
