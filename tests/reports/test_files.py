import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from allennlp.common.checks import ConfigurationError
from hypothesis import given, settings
from hypothesis import strategies as st

from allennlp_heads.reports.files import (
    DamagedReport,
    atomic_write,
    read_arrays,
    read_report,
    remove_leftovers,
    write_arrays,
    write_report,
)


class Killed(BaseException):
    pass


def test_atomic_write_replaces_only_when_complete(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    with atomic_write(path) as file:
        file.write(b"one")
        assert not path.exists()
    assert path.read_bytes() == b"one"
    with pytest.raises(Killed), atomic_write(path) as file:
        file.write(b"two, but not to its e")
        raise Killed
    assert path.read_bytes() == b"one"
    assert os.listdir(path.parent) == ["file"]


def test_failed_rename_leaves_the_old_file_and_no_temporary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def refuse(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(ConfigurationError, match="cannot write .*file: No space left on device"):
        with atomic_write(path) as file:
            file.write(b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigurationError, match="cannot write .*file/below"):
        with atomic_write(tmp_path / "file" / "below"):
            pass


def test_content_is_on_disk_before_the_rename(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def watched(name: str) -> Callable[..., None]:
        original = getattr(os, name)

        def call(*args: Any) -> None:
            calls.append(name)
            original(*args)

        return call

    for name in ("fsync", "replace"):
        monkeypatch.setattr(os, name, watched(name))
    with atomic_write(tmp_path / "file") as file:
        file.write(b"x")
    assert calls == ["fsync", "replace", "fsync"]


def test_files_get_the_usual_permissions(tmp_path: Path) -> None:
    with atomic_write(tmp_path / "atomic") as file:
        file.write(b"x")
    (tmp_path / "plain").write_bytes(b"x")
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_what_a_killed_process_left_of_a_file_goes_with_the_next_writing(tmp_path: Path) -> None:
    others = [f".file.{os.getppid()}.tmp", ".other.999999999.tmp", ".file.x.tmp"]
    for name in [".file.999999999.tmp", *others]:
        (tmp_path / name).write_bytes(b"half")
    with atomic_write(tmp_path / "file") as file:
        file.write(b"x")
    assert sorted(os.listdir(tmp_path)) == sorted(["file", *others])


def test_remove_leftovers_takes_nothing_else(tmp_path: Path) -> None:
    names = [".best.th.123.tmp", ".other.json.77.tmp", "best.th", ".best.th.tmp", "best.th.1.tmp"]
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    assert remove_leftovers(tmp_path, "best") == [tmp_path / ".best.th.123.tmp"]
    assert sorted(os.listdir(tmp_path)) == sorted(names[1:])
    assert remove_leftovers(tmp_path / "none") == []


def test_report_round_trip_and_contents(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    content = {
        "scalar": numpy.float32(0.5),
        "array": numpy.array([[1, 2]]),
        "tensor": torch.tensor([True, False]),
        "worst": float("-inf"),
        "path": Path("a") / "b",
        3: (None, "ä"),
    }
    write_report(path, "gates", 2, content, seed=7)
    report = read_report(path, "gates", 2)
    assert report["schema"] == {"name": "gates", "version": 2}
    assert report["seed"] == 7
    assert report["packages"]["torch"] == torch.__version__
    assert report["scalar"] == 0.5 and report["array"] == [[1, 2]]
    assert report["tensor"] == [True, False] and report["worst"] is None
    assert report["path"] == os.path.join("a", "b") and report["3"] == [None, "ä"]


def test_same_content_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = {"a": numpy.arange(5), "b/c": torch.ones(2, 3)}
    for name in ("one", "two"):
        write_report(tmp_path / f"{name}.json", "x", 1, {"n": 1})
        write_arrays(tmp_path / f"{name}.npz", arrays)
        later = time.localtime(1_900_000_000)
        monkeypatch.setattr(time, "localtime", lambda *now, later=later: later)
        monkeypatch.setattr(time, "time", lambda: 1_900_000_000.0)
    for kind in ("json", "npz"):
        assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes()
    assert "created" not in json.loads((tmp_path / "one.json").read_text())


def test_content_may_not_hide_the_schema(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="schema"):
        write_report(tmp_path / "report.json", "x", 1, {"schema": "mine"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"schema": {"name": "gates", "version": 2}}', "'gates' version 2.*'gates' version 1"),
        ('{"schema": {"name": "other", "version": 1}}', "'other' version 1"),
        ('{"schema": 5}', "no report of allennlp_heads"),
        ("[]", "no report of allennlp_heads"),
        ('{"schema": {', "cannot read the report"),
        (None, "cannot read the report"),
    ],
)
def test_wrong_reports_are_refused(tmp_path: Path, text: str | None, message: str) -> None:
    path = tmp_path / "report.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigurationError, match=message) as raised:
        read_report(path, "gates", 1)
    assert str(path) in str(raised.value)


def test_damaged_arrays_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "arrays.npz"
    write_arrays(path, {"a": numpy.arange(1000)})
    whole = path.read_bytes()
    assert (read_arrays(path)["a"] == numpy.arange(1000)).all()
    for part in (0, 3, len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:part])
        with pytest.raises(DamagedReport, match="arrays.npz.* damaged. Write it again"):
            read_arrays(path)
    entry = whole.index(b"PK\1\2")
    for place, bit in ((entry + 6, 0x80), (entry + 8, 1), (entry + 10, 1)):  # of the list in it
        content = bytearray(whole)
        content[place] ^= bit
        path.write_bytes(bytes(content))
        with pytest.raises(DamagedReport, match="arrays.npz"):
            read_arrays(path)
    path.unlink()
    with pytest.raises(ConfigurationError, match="arrays.npz"):
        read_arrays(path)


_numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60)
_values = st.recursive(
    st.none() | st.booleans() | st.text() | _numbers,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@settings(max_examples=50, deadline=None)
@given(value=_values)
def test_any_json_comes_back(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    write_report(path, "any", 1, {"value": value})
    assert read_report(path, "any", 1)["value"] == value
