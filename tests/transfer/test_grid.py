"""What a configuration may say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.transfer.configuration import grid_of
from tests.transfer.grids import grid, task


def test_class_is_read_as_it_is_called(tiny_bert: str, fixtures_root: Path) -> None:
    config = grid(tiny_bert, fixtures_root, ["pos", "sst2"])
    config["tasks"]["pos"]["class"] = "words"
    read = grid_of(config)
    assert read.task("pos").task_class == "words" and read.task("sst2").task_class is None
    assert config["tasks"]["pos"]["class"] == "words", "the configuration stays as it is"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"regimes": ["limited_full"]}, "regimes is"),
        ({"regimes": []}, "regimes is"),
        ({"limited": 0}, "'limited' is 0"),
        ({"restarts": 0}, "'restarts' is 0"),
        ({"dev_examples": 0}, "'dev_examples' is 0"),
        ({"embeddings": {"kinds": ["other"]}}, "other"),
        ({"other": 1}, "other"),
        ({"tasks": {}}, "tasks has 0"),
    ],
)
def test_grids(changes: dict[str, Any], message: str, tiny_bert: str, fixtures_root: Path) -> None:
    with pytest.raises(ConfigurationError, match=message):
        grid_of(grid(tiny_bert, fixtures_root, ["pos", "sst2"]) | changes)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["none", "b"], "'none' cannot be the name"),
        (["a.b", "b"], "'a.b' cannot be the name"),
        (["a", "A"], "differ in capitals only"),
        (["a"], "tasks has 1"),
    ],
)
def test_names(names: list[str], message: str, tiny_bert: str, fixtures_root: Path) -> None:
    config = grid(tiny_bert, fixtures_root, [])
    config["tasks"] = {name: task(tiny_bert, fixtures_root, "pos") for name in names}
    with pytest.raises(ConfigurationError, match=message):
        grid_of(config)
