"""
Defects 1 and 2 of AllenNLP 2.10.1: ours is right, and theirs is still wrong. When a test of theirs
fails, AllenNLP was repaired and its part may do.
"""

from pathlib import Path
from typing import Any

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DataLoader

from tests.data.data_loaders.tasks import indexed, reader, write_data


@pytest.fixture()
def paths(tmp_path: Path) -> dict[str, str]:
    return write_data(tmp_path, pos=30, dep=30)


def _stock(paths: dict[str, str], **options: Any) -> DataLoader:
    params = {
        "type": "multitask",
        "scheduler": {"type": "homogeneous_roundrobin", "batch_size": 1},
        **options,
    }
    return DataLoader.from_params(Params(params), reader=reader(), data_path=paths)


def _ours(paths: dict[str, str], **options: Any) -> DataLoader:
    params = {"type": "multitask_bucketed", "batch_size": 1, **options}
    return DataLoader.from_params(Params(params), reader=reader(), data_path=paths)


@pytest.mark.parametrize("length", [None, 10, 100])
def test_len_is_the_number_of_batches(paths: dict[str, str], length: int | None) -> None:
    loader = indexed(_ours(paths, batches_per_epoch=length))
    assert len(loader) == len(list(loader)) == (length or 60)


def test_allennlps_len_is_not(paths: dict[str, str]) -> None:
    loader = indexed(_stock(paths, instances_per_epoch=10, sampler="uniform"))
    assert len(list(loader)) == 10
    assert len(loader) == 20


IGNORED = ["instance_queue_size", "instance_chunk_size"]


@pytest.mark.parametrize("option", [*IGNORED, "scheduler", "num_workers", "instances_per_epoch"])
def test_options_that_mean_nothing_are_refused(paths: dict[str, str], option: str) -> None:
    with pytest.raises(ConfigurationError, match="Extra parameters.*" + option):
        _ours(paths, **{option: {"pos": 7}})


@pytest.mark.parametrize("option", IGNORED)
def test_allennlp_takes_them_and_does_nothing(paths: dict[str, str], option: str) -> None:
    loader: Any = _stock(paths, **{option: {"pos": 7}})
    inner = loader._loaders["pos"]
    assert not any(value == 7 for value in vars(inner).values())
