"""The whole grid: what is missing is done, and what is there is written as one matrix a regime."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import numpy
from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError, check_for_gpu

from allennlp_heads.reports.transfer.matrix import TransferMatrix, write_matrix
from allennlp_heads.transfer.bench import TransferBench
from allennlp_heads.transfer.configuration import grid_of, read_config, resolved_grid
from allennlp_heads.transfer.estimate import estimated
from allennlp_heads.transfer.jobs import Work, do_rows
from allennlp_heads.transfer.lock import locked
from allennlp_heads.transfer.plan import Cell, Row, cells_of, chosen, rows_of
from allennlp_heads.transfer.rows import missing_of, tidy, to_embed
from allennlp_heads.transfer.store import TransferStore
from allennlp_heads.transfer.summary import summary

logger = logging.getLogger(__name__)

_OF_THE_CELL = ("source", "target", "restart", "score", "examples", "dev_examples", "updates")


def transfer(
    config_file: str,
    out: str | os.PathLike[str],
    jobs: int = 1,
    only: Sequence[str] | None = None,
    dry_run: bool = False,
    cuda_device: int = -1,
    packages: Sequence[str] = (),
) -> list[str]:
    """
    Fine-tune on every source, from there on every target, and directly on every target.

    Every finished cell is written to `out/<regime>/cells` at once. Called again, also after a kill,
    it does the cells that are missing; the result is the same as without a stop, and with any
    number of jobs. After every row `out/<regime>/transfer.json` and `.csv` are written anew.

    # Parameters

    config_file : `str`
        Jsonnet of a `TransferGrid`.
    out : `PathLike`
        The folder to write.
    jobs : `int`, optional (default = `1`)
        So many processes, one thread each.
    only : `List[str]`, optional (default = `None`)
        Patterns of `<source>.<target>.<restart>`: only these cells.
    dry_run : `bool`, optional (default = `False`)
        Write nothing; say which cells are missing and how long they will take.
    cuda_device : `int`, optional (default = `-1`)
    packages : `List[str]`, optional (default = `[]`)
        What other processes import besides plugins, for readers and heads of the user's own.

    # Returns

    `List[str]`
        Lines to show.

    Raises `ConfigurationError` for whatever is wrong with configuration, data or folder; cells that
    are done stay.
    """
    check_for_gpu(cuda_device)
    if jobs < 1:
        raise ConfigurationError(f"--jobs is {jobs}, but must be at least 1")
    config = read_config(config_file)
    grid = grid_of(config)
    every = cells_of(grid)
    cells = frozenset(chosen(every, only))
    work = Work(config_file, os.fspath(out), cuda_device, cells, tuple(packages))
    bench = TransferBench(grid, work.device)
    with bench.at_work():
        for task in grid.tasks:  # what is wrong with a task shows before hours of training
            bench.recipe(task)
        if dry_run:
            store = TransferStore(out)
            store.check(resolved_grid(config, bench))
            return estimated(bench, store, rows_of(every), work.cells).lines(jobs)
        with locked(work.out):
            return _Experiment(config, bench, work, jobs).run(rows_of(every))


class _Experiment:
    def __init__(self, config: dict[str, Any], bench: TransferBench, work: Work, jobs: int) -> None:
        self._bench = bench
        self._work = work
        self._jobs = jobs
        self._found: dict[Cell, dict[str, Any]] = {}
        self._store = TransferStore(work.out)
        self._encoder = bench.described()
        resolved = resolved_grid(config, bench)
        self._files = resolved["data_files"]
        self._store.settle(config, resolved)

    def run(self, rows: list[Row]) -> list[str]:
        bench, store, wanted = self._bench, self._store, self._work.cells
        for row in rows:  # a kill may have come between a row's last cell and its end
            tidy(bench, store, row)
        missing = {row: missing_of(store, row, wanted) for row in rows}
        rows = [row for row in rows if missing[row] or to_embed(bench, store, row, wanted)]
        total = sum(map(len, missing.values()))
        if rows:
            work = do_rows(self._work, rows, self._jobs, self._bench)
            with Tqdm.tqdm(total=total, desc="cells") as progress, closing(work) as done:
                for row in done:
                    progress.update(len(missing[row]))
                    self._write()
        left_out = store.tasks_left_out(bench.grid.tasks)
        if left_out:
            logger.warning(
                "The grid leaves out %s, which the folder has cells of: the matrices there are "
                "written anew without them. The cells stay; a grid with these tasks brings them "
                "back, and -s with another folder keeps both matrices.",
                ", ".join(left_out),
            )
        return summary(self._write())

    def _finished(self, cell: Cell) -> dict[str, Any] | None:
        """Its content, read once: what is finished never changes."""
        found = self._found.get(cell) or self._store.read(cell)
        if found is not None:
            self._found[cell] = found
        return found

    def _write(self) -> list[TransferMatrix]:
        return [self._write_regime(regime) for regime in self._bench.grid.regimes]

    def _write_regime(self, regime: str) -> TransferMatrix:
        grid, bench = self._bench.grid, self._bench
        tasks = list(grid.tasks)
        direct = numpy.full((len(tasks), grid.restarts), numpy.nan)
        scores = numpy.full((len(tasks), len(tasks), grid.restarts), numpy.nan)
        cells, curves = [], {}
        for cell in cells_of(grid):
            found = self._finished(cell) if cell.regime == regime else None
            if found is None:
                continue
            row = direct if cell.source is None else scores[tasks.index(cell.source)]
            row[tasks.index(cell.target), cell.restart] = found["score"]
            if found["curve"]:
                curves[cell.target] = found["curve"]
            kept = (*_OF_THE_CELL, "seconds", "seed")
            cells.append({key: found[key] for key in kept})
        of_source = regime.split("_")[0]
        matrix = TransferMatrix(
            regime,
            tasks,
            {task: bench.task_class(task) for task in tasks},
            {task: bench.metric(task) for task in tasks},
            {task: bench.data(task).number(of_source) for task in tasks},
            {task: bench.data(task).sizes["train"] for task in tasks},
            direct,
            scores,
            curves,
        )
        about = {"encoder": self._encoder, "data": self._files}
        write_matrix(self._store.out / regime, matrix, cells, about, grid.seed)
        return matrix
