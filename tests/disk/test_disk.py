"""What tells damage, abandoned files and the right moment for a signal."""

from __future__ import annotations

import gzip
import os
import random
import signal
import subprocess
import sys
import tarfile
import threading
import zipfile
from pathlib import Path

import numpy
import pytest
import torch

from allennlp_heads.disk.abandoned import runs
from allennlp_heads.disk.archives import archive_damage
from allennlp_heads.disk.uninterrupted import uninterrupted
from allennlp_heads.disk.zip_files import zip_damage
from tests.faults.faults import signals_raise


def test_processes() -> None:
    done = subprocess.Popen([sys.executable, "-S", "-c", ""])
    done.wait()
    assert not runs(done.pid) and not runs(10**30)
    assert runs(os.getppid()) and not runs(os.getpid())


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="has no states of processes")
def test_a_process_that_has_ended_and_was_not_waited_for() -> None:
    ended = subprocess.Popen([sys.executable, "-S", "-c", ""])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    try:
        os.kill(ended.pid, 0)  # it has its number still
        assert not runs(ended.pid)
    finally:
        ended.wait()


def test_signals_wait_for_the_end_of_the_block() -> None:
    steps = []
    with signals_raise(), pytest.raises(KeyboardInterrupt):
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
            steps.append("one")
            signal.raise_signal(signal.SIGINT)
            steps.append("two")
        steps.append("not reached")
    assert steps == ["one", "two"]


def test_a_block_that_fails_fails_as_ever() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(ValueError, match="mine"), uninterrupted():
        raise ValueError("mine")
    assert signal.getsignal(signal.SIGTERM) is before


def test_other_threads_cannot_put_off_signals_and_need_not() -> None:
    steps = []

    def work() -> None:
        with uninterrupted():
            steps.append("done")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert steps == ["done"]


def damaged(path: Path, content: bytes) -> bool:
    path.write_bytes(content)
    try:
        return zip_damage(path) is not None
    except Exception:
        return True


@pytest.mark.parametrize("kind", ["npz", "th"])
def test_no_flipped_byte_changes_what_is_read(tmp_path: Path, kind: str) -> None:
    """Of files that pass for whole, the reader makes what was written."""
    path, numbers = tmp_path / f"file.{kind}", numpy.arange(40.0).reshape(8, 5)
    if kind == "npz":
        numpy.savez(path, one=numbers, two=numbers + 1)
    else:
        torch.save({"one": torch.tensor(numbers), "two": torch.tensor(numbers + 1)}, path)
    whole, passed = path.read_bytes(), 0
    assert not damaged(path, whole)
    for place in range(len(whole)):
        content = bytearray(whole)
        content[place] ^= 0xFF
        if damaged(path, bytes(content)):
            continue
        passed += 1
        try:
            found = dict(numpy.load(path)) if kind == "npz" else torch.load(path)
        except Exception:  # the reader has noticed
            continue
        assert sorted(found) == ["one", "two"], place
        assert (numpy.asarray(found["one"]) == numbers).all(), place
        assert (numpy.asarray(found["two"]) == numbers + 1).all(), place
    assert passed < len(whole) / 2


def test_a_list_of_contents_that_is_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "file.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name in ("one", "two"):
            file.writestr(name, "text")
    content = bytearray(path.read_bytes())
    # the comment of the first entry in the list now takes the second one in
    first = content.index(b"PK\1\2")
    content[first + 32] = 46 + 3
    path.write_bytes(bytes(content))
    assert [info.filename for info in zipfile.ZipFile(path).infolist()] == ["one"]
    assert zip_damage(path) == "it has 1 of 2 parts"


def test_archives(tmp_path: Path) -> None:
    path, draw = tmp_path / "model.tar.gz", random.Random(0)
    (tmp_path / "weights").write_bytes(draw.randbytes(3000))
    with tarfile.open(path, "w:gz") as archive:
        archive.add(tmp_path / "weights", "weights")
    assert archive_damage(path) is None
    whole = path.read_bytes()
    for _ in range(50):
        content = bytearray(whole)
        content[draw.randrange(len(whole) - 8)] ^= 1 << draw.randrange(8)
        path.write_bytes(bytes(content))
        # the header of the packed file has a time and a name, on which nothing depends
        assert archive_damage(path) or _content(path) == (tmp_path / "weights").read_bytes()
        path.write_bytes(whole[: draw.randrange(len(whole))])
        assert archive_damage(path)


def test_an_archive_that_was_left_in_the_middle_and_closed(tmp_path: Path) -> None:
    """As Ctrl-C leaves it: packed as it should be, but the file inside breaks off."""
    path = tmp_path / "model.tar.gz"
    with gzip.open(path, "wb") as packed:
        packed.write(b"some header" * 50)
    assert archive_damage(path) == "it breaks off"


def _content(path: Path) -> bytes:
    with tarfile.open(path) as archive:
        weights = archive.extractfile("weights")
        assert weights is not None
        return weights.read()
