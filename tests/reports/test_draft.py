"""Files that appear together, or not at all."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.draft import drafted
from allennlp_heads.reports.files import file_stems, write_report
from tests.faults.faults import signals_raise


def write(folder: Path, *names: str) -> None:
    with drafted(folder, "thing", 1) as draft:
        for name in names:
            (draft / name).write_text(name)
        write_report(draft / "thing.json", "thing", 1, {"files": [*names, "../x", "thing.json"]})


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_only_what_the_earlier_report_names_goes(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_text("not in the folder")
    write(folder, "thing.png", "thing.old.png")
    (folder / "thing.mine.png").write_text("")
    write(folder, "thing.png")
    assert names_in(folder) == ["thing.json", "thing.mine.png", "thing.png"]
    assert (tmp_path / "a" / "x").exists()


def test_failure_leaves_nothing(tmp_path: Path) -> None:
    write(tmp_path, "thing.png")
    with pytest.raises(KeyError), drafted(tmp_path, "thing", 1) as draft:
        (draft / "thing.png").write_text("half")
        raise KeyError
    assert names_in(tmp_path) == ["thing.json", "thing.png"]
    assert (tmp_path / "thing.png").read_text() == "thing.png"


def test_foreign_report_is_replaced_and_its_files_stay(tmp_path: Path) -> None:
    (tmp_path / "thing.json").write_text(json.dumps({"files": ["thing.png"]}))
    (tmp_path / "thing.png").write_text("")
    write(tmp_path)
    assert names_in(tmp_path) == ["thing.json", "thing.png"]


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="file/out.*Try -o"):
        with drafted(tmp_path / "file" / "out", "thing", 1, "Try -o"):
            pass


def test_a_draft_of_a_killed_process_goes_and_messages_name_the_folder(tmp_path: Path) -> None:
    abandoned, own, going = (
        tmp_path / f".thing.abc.{number}.tmp" for number in (999_999_999, os.getpid(), os.getppid())
    )
    for draft in (abandoned, own, going):
        draft.mkdir()
    write(tmp_path, "thing.png")
    assert not abandoned.exists() and not own.exists() and going.exists()
    going.rmdir()
    with pytest.raises(ConfigurationError) as raised, drafted(tmp_path, "thing", 1) as draft:
        (draft / "file").write_text("")
        write_report(draft / "file" / "thing.json", "thing", 1, {})
    assert str(raised.value).startswith(f"cannot write {tmp_path}/file/thing.json: ")
    assert names_in(tmp_path) == ["thing.json", "thing.png"]


def test_ctrl_c_comes_before_or_after_the_files_get_their_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = os.replace

    def moved(source: Path, target: Path) -> None:
        move(source, target)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(os, "replace", moved)
    with signals_raise(), pytest.raises(KeyboardInterrupt), drafted(tmp_path, "thing", 1) as draft:
        for name in ("thing.png", "thing.json"):
            (draft / name).write_text(name)
    assert names_in(tmp_path) == ["thing.json", "thing.png"]


def test_stems_differ_where_capitals_do_not_count() -> None:
    assert file_stems(["pos", "POS", "a/b c"]) == ["pos", "POS_2", "a_b_c"]
