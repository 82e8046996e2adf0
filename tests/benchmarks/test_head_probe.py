"""What the benchmark of probes compares, without its clock."""

from pathlib import Path
from typing import Any

import numpy
import pytest

import benchmarks.head_probe as benchmark
from allennlp_heads.collect import TaskData
from allennlp_heads.collect.bare_encoder import bare_encoder
from benchmarks.head_probe import TASK, by_arrays, by_loops, drawn_batches, halves, nested
from tests.collect.models import data_of, tiny


@pytest.fixture(scope="module")
def data(tiny_bert: str, fixtures_root: Path) -> TaskData:
    _, loader = tiny(tiny_bert, fixtures_root, tasks=[TASK, "sent"])
    return data_of(loader)


def numbers_of(data: TaskData) -> list[int]:
    """The sentences' numbers in their file."""
    fields: list[Any] = [one["example"] for one in data.instances(TASK)]
    return [field.metadata for field in fields]


@pytest.mark.parametrize("direction", ["either", "to_head", "to_dependent"])
def test_all_ways_find_the_same(direction: str) -> None:
    batches = drawn_batches(40)
    assert [len(batch.mask) for batch in batches] == [32, 8]
    found = by_arrays(batches, direction)
    assert found.shape == (sum(len(batch.arcs) for batch in batches), 6, 12)
    assert 0.02 < found.mean() < 0.5
    for tensors in (False, True):
        numpy.testing.assert_array_equal(by_loops(batches, direction, tensors), found)


def test_smaller_samples_are_among_the_larger_with_the_longest(data: TaskData) -> None:
    def numbers(sentences: int) -> set[int]:
        return set(numbers_of(nested(data, sentences, longest=3)))

    lengths = [len(one["tokens"]) for one in data.instances(TASK)]  # type: ignore[arg-type]
    three, six = numbers(3), numbers(6)
    assert len(three) == 3 and len(six) == 6 and three < six
    assert sorted(lengths[one] for one in three) == sorted(lengths)[-3:]
    assert len(numbers(10_000)) == len(lengths)


def test_halves_have_all_sentences_once(data: TaskData) -> None:
    probed = halves(data)
    assert probed.train is None and probed.validation is not None and probed.test is not None
    first, second = numbers_of(probed.validation), numbers_of(probed.test)
    assert sorted([*first, *second]) == list(range(data.sizes[TASK]))
    assert abs(len(first) - len(second)) <= 1


def test_ratios(data: TaskData, tiny_bert: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # of as many pieces as the encoder reads at once
    short = TaskData({TASK: data.instances(TASK)[:5]}, data.vocab, data.paths)
    monkeypatch.setattr(benchmark, "load", lambda number: (bare_encoder(tiny_bert), short))
    found = {
        **benchmark.seconds_of_arcs(8, repeats=2),
        **benchmark.seconds_of_pass(8, repeats=2),
    }
    assert len(found) == 4 and min(found.values()) > 0
    sentences, peak = benchmark.peak_of(5)
    assert sentences == 5 and peak > 2**20
