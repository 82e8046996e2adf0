"""Dissociation scores against the paper's tables, and what must not change them."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from allennlp_heads.analysis.dissociation import dissociation, verdict
from tests.reports.dissociation_runs import BASE, D_I, TABLE_3, TASKS

SCORES = st.integers(2, 6).flatmap(
    lambda size: st.tuples(
        arrays.arrays(float, (size, size), elements=st.floats(0, 1)),
        arrays.arrays(float, size, elements=st.floats(0.05, 1)),
    )
)
# base A, A without A's heads, A without B's, base B, B without A's, B without B's; D_A, D_B, D
TABLE_4 = [
    ("ag", "qnli", 94.13, 85.94, 92.44, 91.13, 65.04, 52.95, 6.905, 13.270, 10.088),
    ("ag_pair", "qnli", 94.46, 56.17, 64.52, 90.72, 64.85, 53.66, 8.842, 12.337, 10.590),
    ("ag", "sst2", 94.29, 89.51, 92.32, 92.47, 89.76, 86.01, 2.982, 4.051, 3.517),
    ("ag_pair", "sst2", 94.68, 67.65, 71.80, 92.66, 89.33, 85.78, 4.387, 3.837, 4.112),
]


def _named(table: numpy.ndarray, base: numpy.ndarray) -> tuple[Any, Any]:
    rows = {mask: dict(zip(TASKS, row)) for mask, row in zip(TASKS, table.tolist())}
    return rows, dict(zip(TASKS, base.tolist()))


def test_table_3() -> None:
    found = dissociation(*_named(TABLE_3, BASE))
    assert list(found.d) == TASKS
    assert [round(value, 2) for value in found.d.values()] == D_I
    assert round(found.mean, 2) == 7.34
    assert found.rp[TASKS.index("ag"), TASKS.index("mnli")] == pytest.approx(65.88 / 83.91)
    assert len(found.pairs) == 10


@pytest.mark.parametrize("row", TABLE_4, ids=lambda row: f"{row[0]}-{row[1]}")
def test_table_4(row: tuple[Any, ...]) -> None:
    one, other, base_a, a_a, a_b, base_b, b_a, b_b, *wanted = row
    pruned = {one: {one: a_a, other: b_a}, other: {one: a_b, other: b_b}}
    found = dissociation(pruned, {one: base_a, other: base_b})
    (pair,) = found.pairs
    assert [pair.d_first, pair.d_second, pair.d] == pytest.approx(wanted, abs=0.006)
    assert found.d == pytest.approx({one: pair.d_first, other: pair.d_second})
    assert found.mean == pytest.approx(pair.d)
    assert found.verdicts == {(one, other): "distinct" if pair.d >= 10 else "double"}


@settings(max_examples=30)
@given(SCORES)
def test_equation_7_written_out(scores: tuple[numpy.ndarray, numpy.ndarray]) -> None:
    table, base = scores
    size = len(base)
    found = dissociation(table, base)
    for i in range(size):
        others = [table[j, i] / base[i] for j in range(size) if j != i]
        wanted = 100 * (sum(others) / len(others) - table[i, i] / base[i])
        assert found.d[i] == pytest.approx(wanted, abs=1e-9)
    assert found.mean == pytest.approx(sum(found.d.values()) / size, abs=1e-9)


@settings(max_examples=30)
@given(SCORES, st.randoms())
def test_order_of_tasks_and_scale_of_scores(scores: Any, shuffler: Any) -> None:
    table, base = scores
    order = list(range(len(base)))
    shuffler.shuffle(order)
    plain, moved = dissociation(table, base), dissociation(table[order][:, order], base[order])
    assert moved.mean == pytest.approx(plain.mean, abs=1e-9)
    for place, task in enumerate(order):
        assert moved.d[place] == pytest.approx(plain.d[task], abs=1e-9)
    percent = dissociation(100 * table, 100 * base)
    assert list(percent.d.values()) == pytest.approx(list(plain.d.values()), abs=1e-9)


@settings(max_examples=30)
@given(arrays.arrays(float, 5, elements=st.floats(0, 1)))
def test_equal_masks_do_not_dissociate(row: numpy.ndarray) -> None:
    found = dissociation(numpy.tile(row, (5, 1)), numpy.ones(5))
    assert set(found.d.values()) == {0.0} and set(found.verdicts.values()) == {"none"}


@pytest.mark.parametrize(
    "d_first, d_second, wanted",
    [
        (12, 8, "distinct"),
        (19.99, 0.01, "distinct"),
        (12, 7.9, "mild"),
        (5, 5, "double"),
        (0.1, 0.1, "double"),
        (0, 30, "none"),
        (-0.1, 10.1, "single"),
        (10.1, -0.1, "single"),
        (-0.1, 10, "none"),
        (-1, -1, "wrong importance estimate"),
        (-1, 0, "none"),
        (numpy.nan, 20, "undefined"),
    ],
)
def test_verdicts(d_first: float, d_second: float, wanted: str) -> None:
    assert verdict(d_first, d_second) == wanted


def test_thresholds_are_parameters() -> None:
    assert verdict(3, 3, distinct=3) == "distinct"
    assert verdict(3, 3, mild=2) == "mild"
    assert verdict(4, -1, distinct=3) == "single"
    found = dissociation(*_named(TABLE_3, BASE), distinct=1, mild=0.5)
    assert set(found.verdicts.values()) == {"distinct"}


@pytest.mark.parametrize("score", [0.0, -0.2, numpy.nan])
def test_base_scores_that_nothing_is_relative_to(score: float) -> None:
    table, base = _named(TABLE_3, BASE)
    base["qnli"] = score
    with pytest.raises(ValueError, match="the task 'qnli' has base score"):
        dissociation(table, base)
    found = dissociation(table, base, allow_undefined=True)
    assert found.undefined == ["qnli"]
    others = dissociation(*_named(TABLE_3, BASE))
    kept = [task for task in TASKS if task != "qnli"]
    assert [found.d[task] for task in kept] == [others.d[task] for task in kept]
    assert found.mean == pytest.approx(numpy.mean([others.d[task] for task in kept]))
    with_qnli = {pair for pair, what in found.verdicts.items() if what == "undefined"}
    assert with_qnli == {pair for pair in found.verdicts if "qnli" in pair}


def test_nothing_is_defined() -> None:
    found = dissociation(numpy.ones((2, 2)), numpy.zeros(2), allow_undefined=True)
    assert numpy.isnan(found.mean) and found.undefined == [0, 1]


@pytest.mark.parametrize(
    "pruned, base, message",
    [
        ({"a": {"a": 1, "b": 1}}, {"a": 1, "b": 1}, "pruned has"),
        ({"a": {"a": 1}, "b": {"a": 1, "b": 1}}, {"a": 1, "b": 1}, r"pruned\['a'\] has"),
        ([[1, 1]], [1, 1], r"\[1, 2\]"),
        ([[1]], [1], "two tasks or more"),
        ({"a": {"a": 1}}, [1], "both"),
        ([[1, numpy.inf], [1, 1]], [1, 1], "infinite"),
        ([[1, numpy.nan], [1, 1]], [1, 1], "a number under every mask"),
    ],
)
def test_bad_input(pruned: Any, base: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dissociation(pruned, base)
