"""Which cells a grid has, and what is learned once for several of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.transfer.grid import REGIMES
from allennlp_heads.transfer.plan import Cell, cells_of, chosen, rows_of


def plan(*regimes: str, restarts: int = 2) -> Any:
    return SimpleNamespace(regimes=list(regimes), restarts=restarts, tasks={"a": 1, "b": 2, "c": 3})


def test_every_pair_and_every_task_alone() -> None:
    cells = cells_of(plan("limited_limited"))
    assert len(cells) == len(set(cells)) == 2 * (3 + 3 * 2)
    assert {cell.name for cell in cells if cell.restart == 0} == {
        *("none.a.0", "none.b.0", "none.c.0"),
        *("a.b.0", "a.c.0", "b.a.0", "b.c.0", "c.a.0", "c.b.0"),
    }


def test_a_source_is_learned_once_and_is_direct_fine_tuning_too() -> None:
    rows = rows_of(cells_of(plan("limited_limited")))
    assert [(row.task, row.size, row.restart) for row in rows] == [
        (task, "limited", restart) for restart in (0, 1) for task in "abc"
    ]
    assert [cell.name for cell in rows[1].cells] == ["none.b.0", "b.a.0", "b.c.0"]


def test_regimes_share_what_they_can() -> None:
    cells = cells_of(plan(*REGIMES, restarts=1))
    rows = {(row.task, row.size): row for row in rows_of(cells)}
    assert len(rows) == 6 and sum(len(row.cells) for row in rows.values()) == len(cells)
    full = [(cell.regime, cell.name) for cell in rows["a", "full"].cells]
    assert full == [
        ("full_full", "none.a.0"),
        ("full_full", "a.b.0"),
        ("full_full", "a.c.0"),
        ("full_limited", "a.b.0"),
        ("full_limited", "a.c.0"),
    ]
    limited = [(cell.regime, cell.name) for cell in rows["a", "limited"].cells]
    assert limited[:2] == [("full_limited", "none.a.0"), ("limited_limited", "none.a.0")]


def test_only_some() -> None:
    cells = cells_of(plan("limited_limited"))
    assert [cell.name for cell in chosen(cells, ["none.*.1", "b.c.0"])] == [
        *("b.c.0", "none.a.1", "none.b.1", "none.c.1"),
    ]
    assert chosen(cells, None) == cells
    with pytest.raises(ConfigurationError, match=r"no cell fits 'd\.\*'.*as none\.a\.0"):
        chosen(cells, ["d.*"])


def test_sizes() -> None:
    assert Cell("full_limited", "a", "b", 0).sizes == ("full", "limited")
