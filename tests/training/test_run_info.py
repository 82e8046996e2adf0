"""Seed and data files of a run, from its folder."""

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from allennlp_heads.training.run_info import file_digests, run_data, run_seed


def test_seed_and_hashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.conllu").write_bytes(b"some data")
    monkeypatch.setenv("HEADS_DATA", str(tmp_path))
    configuration = {
        "pytorch_seed": 5,
        "train_data_path": {"pos": "${HEADS_DATA}/a.conllu", "dep": "${HEADS_DATA}/a.conllu#dev"},
        "validation_data_path": "${HEADS_DATA}/none.conllu",
    }
    (tmp_path / "config.json").write_text(json.dumps(configuration))
    assert run_seed(str(tmp_path)) == 5
    digest = hashlib.sha256(b"some data").hexdigest()
    assert run_data(str(tmp_path)) == {
        "${HEADS_DATA}/a.conllu": digest,
        "${HEADS_DATA}/a.conllu#dev": digest,
        "${HEADS_DATA}/none.conllu": None,
    }


def test_hashes_of_folders_and_patterns(tmp_path: Path) -> None:
    trees = tmp_path / "trees"
    for name, text in (("b.mrg", "second"), ("02/a.mrg", "third"), (".hidden/c.mrg", "fourth")):
        (trees / name).parent.mkdir(parents=True, exist_ok=True)
        (trees / name).write_text(text)
    paths = [str(trees), f"{trees}/**/*.mrg", f"{trees}/*.mrg", f"{trees}/*.txt"]
    before = file_digests(paths)
    sums = subprocess.run(
        ["sha256sum", "02/a.mrg", "b.mrg"], cwd=trees, capture_output=True, check=True
    )
    both = hashlib.sha256(sums.stdout).hexdigest()
    assert list(before.values())[:2] == [both, both]
    assert before[paths[2]] not in (None, both) and before[paths[3]] is None
    (trees / ".hidden" / "c.mrg").write_text("another")
    assert file_digests(paths) == before
    (trees / "02" / "a.mrg").rename(trees / "02" / "d.mrg")
    after = file_digests(paths)
    assert [before[path] == after[path] for path in paths] == [False, False, True, True]


@pytest.mark.parametrize("content", [None, "[1]", "{"])
def test_folder_without_a_configuration(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    assert run_seed(str(tmp_path)) is None and run_data(str(tmp_path)) == {}
