"""Archives that must not be trusted."""

from __future__ import annotations

import io
import pickle
import tarfile
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.models.archival import Source, opened


def pack(path: Path, members: dict[str, bytes], **kinds: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        for info in kinds.values():
            tar.addfile(info)
    return path


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize("name", ["../stolen", "/stolen", "encoder/../../stolen"])
def test_paths_that_lead_out(name: str, tmp_path: Path) -> None:
    archive = pack(tmp_path / "model.tar.gz", {"config.json": b"{}", name: b"x"})
    with pytest.raises(ConfigurationError, match="leads out of it"):
        with opened(archive):
            raise AssertionError("opened")
    assert not list(tmp_path.rglob("stolen")) and not Path("/stolen").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_what_is_no_file(kind: bytes, tmp_path: Path) -> None:
    info = special("weights.th", kind, "/etc/passwd")
    archive = pack(tmp_path / "model.tar.gz", {"config.json": b"{}"}, weights=info)
    with pytest.raises(ConfigurationError, match="neither a file nor a folder"):
        with opened(archive):
            raise AssertionError("opened")


def test_damaged_archives(tmp_path: Path) -> None:
    whole = pack(tmp_path / "whole.tar.gz", {"config.json": b"{}" * 5000}).read_bytes()
    for content in (b"", b"no archive", whole[: len(whole) // 2]):
        path = tmp_path / "model.tar.gz"
        path.write_bytes(content)
        with pytest.raises(ConfigurationError, match="damaged, no model.tar.gz"):
            with opened(tmp_path):
                raise AssertionError("opened")


@pytest.mark.parametrize("missing", ["config.json", "weights.th", "vocabulary"])
def test_incomplete_archives(missing: str, tmp_path: Path) -> None:
    members = {"config.json": b"{}", "weights.th": b"", "vocabulary/labels.txt": b""}
    members = {name: content for name, content in members.items() if missing not in name}
    archive = pack(tmp_path / "model.tar.gz", members)
    with pytest.raises(ConfigurationError, match=f"it lacks {missing}"):
        with opened(archive):
            raise AssertionError("opened")


def test_nothing_stays_of_what_was_unpacked(tmp_path: Path) -> None:
    members = {"config.json": b"{}", "weights.th": b"w", "vocabulary/labels.txt": b"a"}
    with opened(pack(tmp_path / "model.tar.gz", members)) as source:
        assert source.weights.read_bytes() == b"w"
        assert (source.folder / "vocabulary/labels.txt").read_bytes() == b"a"
    assert not source.folder.exists()


class Harmful:
    def __reduce__(self) -> Any:
        return pytest.fail, ("pickled code was run",)


def test_pickles_are_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model": {"type": "multitask_heads"}}')
    path = tmp_path / "weights.th"
    torch.save({"weight": Harmful()}, path)
    contents = [path.read_bytes(), pickle.dumps(Harmful()), b"no weights"]
    for content in contents:
        path.write_bytes(content)
        with pytest.raises(ConfigurationError, match="damaged, or no plain weights"):
            Source("it", tmp_path, path).load()


@pytest.mark.parametrize("config", ["[]", "{}", '{"model": 3}', '{"model', "\udcff"])
def test_no_configuration(config: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(config.encode(errors="surrogateescape"))
    with pytest.raises(ConfigurationError, match="config.json"):
        Source("it", tmp_path, tmp_path / "weights.th").config()
