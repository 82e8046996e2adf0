"""Examples of tasks that can be read again and again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect import TaskData
from allennlp_heads.data.data_loaders import MultiTaskBucketed
from tests.collect.models import EXAMPLES, configuration
from tests.training.pieces import model_and_loader


@pytest.fixture(scope="module")
def loader(tiny_bert: str, fixtures_root: Path) -> MultiTaskBucketed:
    return model_and_loader(configuration(tiny_bert, fixtures_root, ["dep", "pos"]))[1]


def numbers(batches: Any) -> list[list[int]]:
    return [batch["example"] for batch in batches]


def test_batches(loader: MultiTaskBucketed) -> None:
    data = TaskData.of_loader(loader, batch_size=2)
    assert data.tasks == ["dep", "pos"] and data.sizes == {"dep": EXAMPLES, "pos": EXAMPLES}
    assert data.paths == loader.paths
    first = list(data.batches("pos"))
    assert all(batch["task"] == ["pos"] * len(batch["example"]) for batch in first)
    assert max(map(len, numbers(first))) == 2
    assert sorted(sum(numbers(first), [])) == list(range(EXAMPLES))
    for batch in first:  # models may change what they get
        batch["tags"].fill_(-1)
    again = list(data.batches("pos"))
    assert numbers(again) == numbers(first)
    assert all((batch["tags"] >= 0).any() for batch in again)


def test_a_loaders_position_does_not_move(loader: MultiTaskBucketed) -> None:
    expected = numbers(loader) + numbers(loader)
    loader.epoch = 0
    batches = iter(loader)
    found = numbers([next(batches)])
    torch.manual_seed(5)
    state = torch.get_rng_state()
    data = TaskData.of_loader(loader, limit=4)
    list(data.batches("dep")), list(data.chunks("pos", 2))
    assert torch.equal(torch.get_rng_state(), state)
    found += numbers(batches) + numbers(loader)
    loader.epoch = 0
    assert found == expected


def test_limits_are_seeded_samples(loader: MultiTaskBucketed) -> None:
    def drawn(seed: int) -> list[int]:
        data = TaskData.of_loader(loader, limit=4, seed=seed)
        assert data.sizes == {"dep": 4, "pos": 4}
        return sorted(sum(numbers(data.batches("pos")), []))

    assert drawn(1) == drawn(1)
    assert len({tuple(drawn(seed)) for seed in range(8)}) > 3
    assert TaskData.of_loader(loader, limit=100).sizes["pos"] == EXAMPLES


def test_chunks_are_random_parts(loader: MultiTaskBucketed) -> None:
    data = TaskData.of_loader(loader)
    parts = [sum(numbers(chunk.batches("pos")), []) for chunk in data.chunks("pos", 4, seed=2)]
    assert [len(part) for part in parts] == [4, 4, 1]
    assert sorted(sum(parts, [])) == list(range(EXAMPLES))
    limited = [chunk.sizes["pos"] for chunk in data.chunks("pos", 4, seed=2, limit=5)]
    assert limited == [4, 1]


def test_errors(loader: MultiTaskBucketed) -> None:
    data = TaskData.of_loader(loader)
    with pytest.raises(ConfigurationError, match="no data of a task 'ner': the tasks are"):
        data.batches("ner")
    with pytest.raises(ConfigurationError, match="the task 'pos' has no examples"):
        TaskData({"pos": []}, data.vocab, {})
    with pytest.raises(ConfigurationError, match="'batch_size' is 0"):
        TaskData({}, data.vocab, {}, batch_size=0)
    with pytest.raises(ConfigurationError, match="not to list"):
        TaskData.of_loader([])
