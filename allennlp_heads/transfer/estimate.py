"""How long the cells will take that are not done yet."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch

from allennlp_heads.data.data_loaders.randomness import reseed_generators
from allennlp_heads.fewshot.learning import learn
from allennlp_heads.reports.transfer.matrix import NO_SOURCE
from allennlp_heads.transfer.bench import TransferBench
from allennlp_heads.transfer.plan import Cell, Row
from allennlp_heads.transfer.rows import missing_of, to_embed
from allennlp_heads.transfer.store import TransferStore

_TIMED = 2
"""Updates, and batches to score, of which the last is timed: in the first, memory is new."""


class Timing(NamedTuple):
    """
    # Parameters

    update : `float`
        Seconds of a whole update, the optimizer's work included.
    score : `float`
        Seconds of scoring a batch.
    batches : `int`
        That are scored.
    """

    update: float
    score: float
    batches: int


@dataclass(frozen=True)
class Estimate:
    """
    # Parameters

    missing : `List[Cell]`
        To be done.
    done : `int`
        Cells that are there.
    seconds : `float`
        That one process needs for what is missing, reading left out.
    """

    missing: list[Cell]
    done: int
    seconds: float

    def lines(self, jobs: int) -> list[str]:
        """What a person wants to know: a line a cell, and how long all of them take."""
        cells = [
            f"{cell.regime}: {cell.source or NO_SOURCE} -> {cell.target}, restart {cell.restart}"
            for cell in self.missing
        ]
        total = f"{len(cells)} cells to do, {self.done} done"
        if not cells:
            return [total]
        each = self.seconds / len(cells)
        return [
            *cells,
            f"{total}; about {duration(self.seconds / jobs)} with --jobs {jobs} "
            f"({each:.1f} seconds a cell)",
        ]


def estimated(
    bench: TransferBench, store: TransferStore, rows: Sequence[Row], cells: Collection[Cell]
) -> Estimate:
    """
    By the time that finished cells of the same target took, or else by one timed update and one
    timed batch of scoring a task. An embedding counts as updates with its examples, and texts as
    scoring them. Nothing is written.

    # Parameters

    bench : `TransferBench`
    store : `TransferStore`
    rows : `List[Row]`
    cells : `Collection[Cell]`
        Which are wanted.

    # Returns

    `Estimate`
    """
    seconds = _Seconds(bench, _of_done(store, cells))
    missing: list[Cell] = []
    total = 0.0
    for row in rows:
        own = missing_of(store, row, cells)
        missing += own
        transfers = [cell for cell in own if cell.source is not None]
        total += sum(seconds.learning(cell.target, cell.sizes[1]) for cell in transfers)
        # direct cells of several regimes are one training, and the transfers need it, too
        direct, embed = len(transfers) < len(own), to_embed(bench, store, row, cells)
        if direct or embed or (own and not store.has_source(row)):
            total += seconds.learning(row.task, row.size)
        if direct and row.restart == 0:
            total += seconds.curve(row.task, row.size)
        if embed:
            total += seconds.embedding(row.task, row.size)
    return Estimate(missing, sum(map(store.done, cells)), total)


def timed(bench: TransferBench, task: str, size: str) -> Timing:
    """How long a task's updates and scoring take, by one of each."""
    batches, _ = bench.batches(task, size, 0)
    data, model = bench.data(task), bench.untrained(task, 0)
    # the middle one: batches go from long to short
    batch = batches[len(batches) // 2]
    ends = [time.perf_counter()]
    learn(
        model,
        bench.recipe(task),
        _TIMED,
        (data.on_device(batch) for _ in range(_TIMED)),
        f"{task}, {size}",
        lambda update: reseed_generators(0, 0, update),
        lambda _: ends.append(time.perf_counter()),
        f"tasks.{task}.recipe",
    )
    model.eval()
    scored = list(data.validation())
    with torch.no_grad():
        for _ in range(_TIMED):
            began = time.perf_counter()
            model(**scored[len(scored) // 2])
            score = time.perf_counter() - began
    model.get_metrics(reset=True)
    return Timing(ends[-1] - ends[-2], score, len(scored))


class _Seconds:
    """What each task takes; a task is timed when it is asked for first."""

    def __init__(self, bench: TransferBench, known: Mapping[tuple[str, str], float]) -> None:
        self._bench = bench
        self._known = known
        self._timings: dict[tuple[str, str], Timing] = {}

    def learning(self, task: str, size: str) -> float:
        """Of fine-tuning and scoring."""
        if (task, size) in self._known:
            return self._known[task, size]
        timing = self._timing(task, size)
        return self._updates(task, size) * timing.update + timing.batches * timing.score

    def curve(self, task: str, size: str) -> float:
        """Of scoring on the way."""
        timing = self._timing(task, size)
        points = len(self._bench.curve_points(self._updates(task, size)))
        return points * timing.batches * timing.score

    def embedding(self, task: str, size: str) -> float:
        options, timing = self._bench.grid.embeddings, self._timing(task, size)
        assert options is not None, "only what the grid says is embedded"
        examples = self._bench.data(task).number(size)
        if options.examples is not None:
            examples = min(options.examples, examples)
        batches = -(-examples // self._bench.recipe(task).batch_size)
        gradients = bool(set(options.kinds) - {"text"})
        texts = "text" in options.kinds
        return batches * (gradients * timing.update + texts * timing.score)

    def _updates(self, task: str, size: str) -> int:
        return self._bench.batches(task, size, 0)[1]

    def _timing(self, task: str, size: str) -> Timing:
        if (task, size) not in self._timings:
            self._timings[task, size] = timed(self._bench, task, size)
        return self._timings[task, size]


def duration(seconds: float) -> str:
    """In words."""
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{seconds:.0f} seconds"
    return f"{minutes} minutes" if minutes < 120 else f"{minutes / 60:.1f} hours"


def _of_done(store: TransferStore, cells: Collection[Cell]) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for cell in cells:
        # a direct one may have been scored on its way
        content = store.read(cell) if cell.source is not None else None
        if content is not None:
            found[cell.target, cell.sizes[1]].append(content["seconds"])
    return {key: sum(times) / len(times) for key, times in found.items()}
