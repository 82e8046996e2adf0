"""Seed and data files of a run, from its folder."""

import hashlib
import json
from pathlib import Path

import pytest

from allennlp_heads.training.run_info import run_data, run_seed


def test_seed_and_hashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.conllu").write_bytes(b"some data")
    monkeypatch.setenv("HEADS_DATA", str(tmp_path))
    configuration = {
        "pytorch_seed": 5,
        "train_data_path": {"pos": "${HEADS_DATA}/a.conllu", "dep": "${HEADS_DATA}/a.conllu#dev"},
        "validation_data_path": str(tmp_path),
    }
    (tmp_path / "config.json").write_text(json.dumps(configuration))
    assert run_seed(str(tmp_path)) == 5
    digest = hashlib.sha256(b"some data").hexdigest()
    assert run_data(str(tmp_path)) == {
        "${HEADS_DATA}/a.conllu": digest,
        "${HEADS_DATA}/a.conllu#dev": digest,
        str(tmp_path): None,
    }


@pytest.mark.parametrize("content", [None, "[1]", "{"])
def test_folder_without_a_configuration(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    assert run_seed(str(tmp_path)) is None and run_data(str(tmp_path)) == {}
