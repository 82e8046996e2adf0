"""Rows one after the other, or several at a time in processes of their own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import Connection

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.common.plugins import import_plugins
from allennlp.common.util import import_module_and_submodules

from allennlp_heads.grid.parent import end_with_parent
from allennlp_heads.transfer.bench import TransferBench
from allennlp_heads.transfer.configuration import open_bench
from allennlp_heads.transfer.plan import Cell, Row
from allennlp_heads.transfer.rows import work_on
from allennlp_heads.transfer.store import TransferStore


@dataclass(frozen=True)
class Work:
    """
    What a process must be told.

    # Parameters

    config_file : `str`
    out : `str`
    cuda_device : `int`
    cells : `FrozenSet[Cell]`
        Which are wanted.
    packages : `Tuple[str, ...]`, optional (default = `()`)
        Packages with classes of the user's own, as `--include-package` names them.
    """

    config_file: str
    out: str
    cuda_device: int
    cells: frozenset[Cell]
    packages: tuple[str, ...] = ()

    @property
    def device(self) -> torch.device:
        """Where to compute."""
        return torch.device("cpu" if self.cuda_device < 0 else self.cuda_device)


def do_rows(
    work: Work, rows: Sequence[Row], jobs: int, bench: TransferBench
) -> Generator[Row, None, None]:
    """
    Do rows, giving each when it is done. When one fails, or the caller closes the iterator, the
    processes that work on others end at once.

    # Parameters

    work : `Work`
    rows : `List[Row]`
    jobs : `int`
        With 1, `bench` does them here; with more, so many processes read the data once each and
        take one row after the other.
    bench : `TransferBench`

    Raises `ConfigurationError` for what is wrong with a row, and when a process was killed.
    """
    if jobs == 1:
        store = TransferStore(work.out)
        for row in rows:
            work_on(bench, store, row, work.cells)
            yield row
        return
    # a forked process could wait for ever for threads that only its parent has
    context = multiprocessing.get_context("spawn")
    told, tell = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(min(jobs, len(rows)), context, _begin, (work, told))
    try:
        yield from _handed_out(pool, rows, jobs)
    except BrokenProcessPool as error:
        raise ConfigurationError(
            "a process ended before its row was done, as when memory runs out; finished cells "
            "stay: run it again, or with fewer --jobs"
        ) from error
    finally:
        tell.close()
        pool.shutdown(cancel_futures=True)
        told.close()


def _handed_out(pool: ProcessPoolExecutor, rows: Sequence[Row], jobs: int) -> Iterator[Row]:
    """No row waits in the pool, which would begin it though another has failed."""
    left, working = list(rows), set[Future[Row]]()
    while left or working:
        while left and len(working) < jobs:
            working.add(pool.submit(_do, left.pop(0)))
        done, working = wait(working, return_when=FIRST_COMPLETED)
        for one in done:
            yield one.result()


_mine: dict[str, tuple[TransferBench, Work]] = {}
"""In a process of the pool: what it works with."""


def _begin(work: Work, told: Connection) -> None:
    # a pool cannot end processes in the middle of a row
    end_with_parent(told)
    import_plugins()
    for package in work.packages:
        import_module_and_submodules(package)
    _mine["work"] = open_bench(work.config_file, work.device), work


def _do(row: Row) -> Row:
    bench, work = _mine["work"]
    with bench.at_work():
        work_on(bench, TransferStore(work.out), row, work.cells)
    return row
