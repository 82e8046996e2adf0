"""Counts as short columns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as some

from docs.runs.packed import check_score, checked, pack, unpack

MANY = [place / 7 for place in range(2000)]


@pytest.mark.parametrize(
    "counts",
    [
        numpy.array([[1, 1, 1], [0, 1, 1], [1, 1, 1]]),
        numpy.array([[1, 1, 1], [1, 1, 1]]),
        numpy.array([[1, 1, 1]]),
        numpy.array([[35, 36, 0], [2, 3, 0]]),
        numpy.array([[0.25, -1.5], [3.0, 2.0]]),
        numpy.array([[value, 1.0, 1.0] for value in MANY[:40] * 3]),
        numpy.array([[value, 0.5] for value in MANY * 2]),
    ],
)
def test_counts_come_back_as_they_were(counts: numpy.ndarray) -> None:
    assert numpy.array_equal(unpack(json.loads(json.dumps(pack(counts)))), counts)


@given(
    some.lists(
        some.tuples(some.sampled_from(MANY), some.sampled_from([0.0, 1.0]), some.just(1.0)),
        min_size=1,
        max_size=100,
    )
)
def test_answers_come_back_as_they_were(rows: list[tuple[float, float, float]]) -> None:
    counts = numpy.array(rows)
    assert numpy.array_equal(unpack(json.loads(json.dumps(pack(counts)))), counts)


def test_packed_counts_are_short() -> None:
    assert pack(numpy.array([[10, 1, 1], [0, 1, 1]])) == ["a0", 1, 1]
    answers = numpy.array([[2 / 3, 0.0, 1.0], [0.0, 0.0, 1.0], [2 / 3, 1.0, 1.0], [0.0, 1.0, 1.0]])
    assert pack(answers) == [{"values": [2 / 3, 0.0], "places": "0101"}, "0011", 1.0]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ([1, 1, 1], "cannot be read: columns of"),
        (["11", "1", 1], "cannot be read: columns of"),
        ([{"values": [0.5], "places": "01"}, 1, 1], "cannot be read"),
        (["11", 1], "must be correct, predicted, gold"),
        ([[1.0, float("nan")], 1, 1], "NaN or infinity is among the counts of sst2"),
        (
            [{"values": [1, float("-inf")], "places": "01"}, 1, 1],
            "NaN or infinity is among the counts of sst2",
        ),
    ],
)
def test_what_cannot_be_read_is_named(columns: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as raised:
        checked(Path("some.json"), "sst2", "accuracy", columns)
    assert str(raised.value).startswith("some.json: ") and "counts of sst2" in str(raised.value)


def test_what_is_no_number_is_not_packed() -> None:
    with pytest.raises(ValueError, match="scores.npz, task squad: NaN or infinity is among"):
        pack(numpy.array([[0.5, float("nan")], [1.0, 1.0]]), "scores.npz, task squad")


def test_a_score_must_follow_from_counts() -> None:
    counts = checked(Path("some.json"), "sst2", "accuracy", ["1110", 1, 1])
    check_score(Path("some.json"), "sst2", "accuracy", counts, 0.75)
    with pytest.raises(ValueError, match="some.json: .* make 0.750000, but its accuracy is 0.5"):
        check_score(Path("some.json"), "sst2", "accuracy", counts, 0.5)
