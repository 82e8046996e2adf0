"""An archive and the data of its configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect import trained
from tests.pruning.archives import multitask, tagger, write


@pytest.fixture(scope="module")
def archive(tiny_bert: str, fixtures_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = multitask(tiny_bert, {"type": "open"}, ["dep", "pos"])
    paths = {part: str(fixtures_root / f"ewt/{part}.conllu") for part in ("train", "dev")}
    config |= {
        "train_data_path": {"dep": paths["train"], "pos": paths["train"]},
        "validation_data_path": paths["dev"],
        "data_loader": {"type": "multitask_bucketed", "max_instances": {"pos": 7}},
        "validation_data_loader": {"type": "multitask_bucketed", "max_instances": 5},
    }
    return write(tmp_path_factory.mktemp("trained") / "run", config)


def test_data(archive: Path, fixtures_root: Path) -> None:
    with trained(archive) as source:
        assert not source.model.training and source.name == str(archive)
        assert len(source.digest) == 64
        train = source.data()
        assert train.sizes["pos"] == 7 < train.sizes["dep"]
        assert source.data("validation").sizes == {"dep": 5, "pos": 5}
        assert source.data("train", limit=3, tasks=["pos"]).sizes == {"pos": 3}
        other = str(fixtures_root / "ewt/test.conllu")
        found = source.data("validation", tasks=["pos"], paths={"pos": other})
        assert found.paths == {"pos": other} and found.sizes["pos"] > 5
        batch = next(iter(train.batches("pos")))
        assert set(source.model(**batch)) >= {"example_loss", "example", "task"}
    assert not source.source.folder.exists()


@pytest.mark.parametrize(
    "asked, message",
    [
        ({"split": "test"}, "names no 'test_data_path' of \\['dep', 'pos'\\]"),
        ({"tasks": ["ner"]}, "has no tasks \\['ner'\\]: choose from \\['dep', 'pos'\\]"),
        ({"paths": {"srl": "x"}}, "has no tasks \\['srl'\\]"),
    ],
)
def test_errors(archive: Path, asked: dict[str, Any], message: str) -> None:
    with trained(archive) as source, pytest.raises(ConfigurationError, match=message):
        source.data(**asked)


def test_readers_without_tasks(tiny_bert: str, tmp_path: Path) -> None:
    archive = write(tmp_path / "run", tagger(tiny_bert, {"type": "open"}))
    with trained(archive) as source, pytest.raises(ConfigurationError, match="has no tasks"):
        source.data()
