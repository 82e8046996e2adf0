"""One row of a grid: the source is learned once, then every target from where it ended."""

from __future__ import annotations

from collections.abc import Collection

from allennlp_heads.fewshot.start import State
from allennlp_heads.transfer.bench import FineTuned, TransferBench
from allennlp_heads.transfer.plan import Cell, Row
from allennlp_heads.transfer.store import TransferStore


def missing_of(store: TransferStore, row: Row, cells: Collection[Cell]) -> list[Cell]:
    """Which of `cells` are the row's and not there yet, direct ones first."""
    direct, transfers = row.of(cells)
    return [cell for cell in direct + transfers if not store.done(cell)]


def to_embed(bench: TransferBench, store: TransferStore, row: Row, cells: Collection[Cell]) -> bool:
    """
    Whether the task is to be embedded on the way: in the first restart, if the grid says so and it
    is not done yet.
    """
    asked = bench.grid.embeddings is not None and row.restart == 0 and any(row.of(cells))
    return asked and not store.has_embedding(row)


def work_on(bench: TransferBench, store: TransferStore, row: Row, cells: Collection[Cell]) -> None:
    """
    Do what is missing in a row. The source is fine-tuned again only when its encoder is not there.

    # Parameters

    bench : `TransferBench`
    store : `TransferStore`
    row : `Row`
    cells : `Collection[Cell]`
        Of the grid, as far as they are wanted.
    """
    direct, transfers = row.of(missing_of(store, row, cells))
    embed = to_embed(bench, store, row, cells)
    state = store.source(row) if transfers and not direct and not embed else None
    if state is None and (direct or transfers or embed):
        found = _learn_source(bench, row, curve=bool(direct) and row.restart == 0)
        for cell in direct:
            store.write(cell, found)
        if transfers:
            state = bench.encoder_state()
            store.keep_source(row, state)
        if embed:
            store.write_embedding(row, bench.embedding(row.task, row.size, row.restart))
    for cell in transfers:
        store.write(cell, _transfer(bench, cell, state))
    tidy(bench, store, row)


def tidy(bench: TransferBench, store: TransferStore, row: Row) -> None:
    """Delete the encoder of a row that is complete, unless the grid keeps them."""
    if not bench.grid.keep_sources and all(map(store.done, row.cells)):
        store.drop_source(row)


def _learn_source(bench: TransferBench, row: Row, curve: bool) -> FineTuned:
    name = f"{row.task}, {row.size}, restart {row.restart}"
    return bench.fine_tune(row.task, row.size, row.restart, None, curve, name)


def _transfer(bench: TransferBench, cell: Cell, state: State | None) -> FineTuned:
    assert state is not None, "a cell with a source has its encoder"
    name = f"{cell.regime}, {cell.source} -> {cell.target}, restart {cell.restart}"
    return bench.fine_tune(cell.target, cell.sizes[1], cell.restart, state, name=name)
