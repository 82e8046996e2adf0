"""How long a grid will take, by timings that are given."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest

from allennlp_heads.collect.embedding.options import EmbeddingOptions
from allennlp_heads.transfer import estimate
from allennlp_heads.transfer.plan import Cell, Row, cells_of, rows_of

UPDATES = {"a": 10, "b": 20}
TIMINGS = {"a": estimate.Timing(1.0, 0.5, 4), "b": estimate.Timing(2.0, 0.25, 8)}
REGIMES = ["limited_limited"]


class Bench:
    """Two tasks; the curve has two points, whatever there is to learn."""

    def __init__(self, embeddings: EmbeddingOptions | None) -> None:
        self.grid: Any = SimpleNamespace(
            embeddings=embeddings, tasks=TIMINGS, regimes=REGIMES, restarts=2
        )

    def data(self, task: str) -> Any:
        return SimpleNamespace(number=lambda size: {"a": 30, "b": 5}[task])

    def recipe(self, task: str) -> Any:
        return SimpleNamespace(batch_size=4)

    def batches(self, task: str, size: str, restart: int) -> tuple[None, int]:
        return None, UPDATES[task]

    def curve_points(self, updates: int) -> list[int]:
        return [1, updates]


class Store:
    """What is done, and how long it took."""

    def __init__(self, done: dict[str, float], sources: tuple[str, ...] = ()) -> None:
        self._done = done
        self._sources = sources

    def done(self, cell: Cell) -> bool:
        return cell.name in self._done

    def read(self, cell: Cell) -> dict[str, float] | None:
        return {"seconds": self._done[cell.name]} if self.done(cell) else None

    def has_source(self, row: Row) -> bool:
        return row.name in self._sources

    def has_embedding(self, row: Row) -> bool:
        return False


def seconds(bench: Bench, store: Store) -> estimate.Estimate:
    cells = cells_of(bench.grid)

    def given(_: Any, task: str, size: str) -> estimate.Timing:
        return TIMINGS[task]

    with mock.patch.object(estimate, "timed", given):
        return estimate.estimated(bench, store, rows_of(cells), cells)  # type: ignore[arg-type]


# learning and scoring at the end, and the two scores of a curve
A, B, CURVES = 10 * 1 + 4 * 0.5, 20 * 2 + 8 * 0.25, 2 * 4 * 0.5 + 2 * 8 * 0.25


def test_nothing_is_done() -> None:
    found = seconds(Bench(None), Store({}))
    assert (len(found.missing), found.done) == (8, 0)
    # in each restart both are learned directly, and each after the other
    assert found.seconds == pytest.approx(2 * (2 * A + 2 * B) + CURVES)


@pytest.mark.parametrize(
    ("options", "more"),
    [
        ({"kinds": ["task"], "examples": 8}, 2 * 1.0 + 2 * 2.0),
        ({"kinds": ["text"], "examples": None}, 8 * 0.5 + 2 * 0.25),
        ({"kinds": ["text", "heads"]}, 8 * (1.0 + 0.5) + 2 * (2.0 + 0.25)),
    ],
)
def test_embeddings_take_time(options: dict[str, Any], more: float) -> None:
    found = seconds(Bench(EmbeddingOptions(**options)), Store({}))
    assert found.seconds == pytest.approx(2 * (2 * A + 2 * B) + CURVES + more)


def test_what_is_done_says_how_long_the_rest_takes() -> None:
    done = {"none.a.0": 1.0, "a.b.0": 50.0, "none.b.0": 1.0, "none.a.1": 1.0}
    found = seconds(Bench(None), Store(done, ("a.1",)))
    assert [cell.name for cell in found.missing] == ["b.a.0", "a.b.1", "none.b.1", "b.a.1"]
    # b.a.0: b again, since its encoder is gone; a.b.1: that of a is there; b.1: learned once
    assert found.seconds == pytest.approx((50 + A) + 50 + (50 + A))
    assert found.lines(2)[-1].startswith("4 cells to do, 4 done; about 87 seconds with --jobs 2")
