"""The folder of a grid: what is done already, one file a cell, so that a stopped one goes on."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.fewshot.start import State
from allennlp_heads.reports.embeddings.embedding import Embedding
from allennlp_heads.reports.embeddings.files import (
    embedding_path,
    read_embedding,
    write_embedding,
)
from allennlp_heads.reports.files import (
    DamagedReport,
    read_report,
    remove_leftovers,
    write_report,
)
from allennlp_heads.training.state_files import (
    UnreadableState,
    check_state_file,
    load_state,
    save_state,
)
from allennlp_heads.transfer.bench import FineTuned
from allennlp_heads.transfer.grid import REGIMES
from allennlp_heads.transfer.plan import Cell, Row

logger = logging.getLogger(__name__)

CELL = ("transfer_cell", 1)
GRID = ("transfer_grid", 1)
"""Names and versions of the schemas."""

_MAY_CHANGE = ("regimes", "restarts", "keep_sources")
"""Keys of a grid on which no cell depends."""
_MAY_GROW = ("tasks", "data_files")
_FOLDERS = ("*/cells", "sources/*", "embeddings/*")
"""Where files appear one by one, besides the folders of regimes."""


class TransferStore:
    """
    # Parameters

    out : `PathLike`
        The grid's folder.
    """

    def __init__(self, out: str | os.PathLike[str]) -> None:
        self.out = Path(out)

    def check(self, resolved: Mapping[str, Any]) -> None:
        """
        Compare with what the folder was noted to be of; nothing is written. Regimes, restarts,
        tasks and embeddings may have been added and left out.

        # Parameters

        resolved : `Dict[str, Any]`
            What `resolved_grid` gives.

        Raises `ConfigurationError` that names the key when the folder is of another grid.
        """
        there = self._noted()
        key = None if there is None else _different(there["resolved"], _as_file_has_it(resolved))
        if key is not None:
            raise ConfigurationError(
                f"{self._grid}: '{key}' is not what it was when the cells there were done: choose "
                "another folder with -s, or put the old value back"
            )

    def settle(self, config: Mapping[str, Any], resolved: Mapping[str, Any]) -> None:
        """
        Check, note what the folder is of, and remove what a kill has left half-written. To be
        called by one process, before others work in the folder.

        # Parameters

        config : `Dict[str, Any]`
            The configuration as it was given.
        resolved : `Dict[str, Any]`
            What `resolved_grid` gives.

        Raises `ConfigurationError` that names the key when the folder is of another grid.
        """
        self.check(resolved)
        there = self._noted() or {"grid": {}, "resolved": {}}
        new = {"grid": _as_file_has_it(config), "resolved": _as_file_has_it(resolved)}
        noted = {key: _with_earlier(there[key], new[key]) for key in new}
        write_report(self._grid, *GRID, noted)
        folders = [folder for kind in _FOLDERS for folder in self.out.glob(kind)]
        for folder in [self.out, *(self.out / regime for regime in REGIMES), *folders]:
            remove_leftovers(folder)

    def tasks_left_out(self, tasks: Collection[str]) -> list[str]:
        """Tasks that grids of this folder had, and the one with these `tasks` has not."""
        noted = (self._noted() or {"resolved": {}})["resolved"].get("tasks", {})
        return [name for name in noted if name not in tasks]

    def read(self, cell: Cell) -> dict[str, Any] | None:
        """A finished cell, or `None`, also where its file is damaged."""
        path = self._cell(cell)
        try:
            return read_report(path, *CELL) if path.exists() else None
        except DamagedReport:
            logger.warning("%s is damaged: the cell is done again", path)
            return None

    def done(self, cell: Cell) -> bool:
        """Whether it is finished, and its file whole."""
        return self.read(cell) is not None

    def write(self, cell: Cell, found: FineTuned) -> None:
        """Keep a cell, atomically."""
        content = {**asdict(cell), **asdict(found)}
        seed = content.pop("seed")
        write_report(self._cell(cell), *CELL, content, seed)

    def source(self, row: Row) -> State | None:
        """The encoder that was fine-tuned on the row's task, if it is there and whole."""
        path = str(self._source(row))
        try:
            check_state_file(path)
            state: State = load_state(path)
        except UnreadableState:
            return None
        return state

    def has_source(self, row: Row) -> bool:
        """Whether there is a file of it."""
        return self._source(row).exists()

    def keep_source(self, row: Row, state: State) -> None:
        """Keep it, atomically."""
        save_state(str(self._source(row)), state)

    def drop_source(self, row: Row) -> None:
        """Delete it."""
        self._source(row).unlink(missing_ok=True)

    def has_embedding(self, row: Row) -> bool:
        """Whether both of its files are there and whole."""
        path = embedding_path(self._embeddings(row), row.task)
        if not (path.exists() and path.with_suffix(".npz").exists()):
            return False
        try:
            read_embedding(path)
        except DamagedReport as error:
            logger.warning("%s: it is computed again", error)
            return False
        return True

    def write_embedding(self, row: Row, embedding: Embedding) -> None:
        """Keep it, atomically."""
        path = embedding_path(self._embeddings(row), row.task)
        path.unlink(missing_ok=True)  # a damaged one does not say whose it is
        write_embedding(self._embeddings(row), embedding)

    @property
    def _grid(self) -> Path:
        return self.out / "grid.json"

    def _noted(self) -> dict[str, Any] | None:
        return read_report(self._grid, *GRID) if self._grid.exists() else None

    def _cell(self, cell: Cell) -> Path:
        return self.out / cell.regime / "cells" / f"{cell.name}.json"

    def _source(self, row: Row) -> Path:
        return self.out / "sources" / row.size / f"{row.name}.pt"

    def _embeddings(self, row: Row) -> Path:
        return self.out / "embeddings" / row.size


def _as_file_has_it(content: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(content))
    return found


def _with_earlier(there: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """With the tasks and the embeddings that only cells of earlier commands have."""
    grown = {key: {**there[key], **now[key]} for key in _MAY_GROW if key in there}
    embeddings = now.get("embeddings")
    kept = there.get("embeddings") if embeddings is None else embeddings
    return {**now, **grown, "embeddings": kept}


def _different(there: Mapping[str, Any], now: Mapping[str, Any], prefix: str = "") -> str | None:
    """The first key that has another value, `None` if there is none."""
    for key in sorted({*there, *now}):
        name = f"{prefix}{key}"
        one, other = there.get(key), now.get(key)
        may_be_missing = prefix.rstrip(".") in _MAY_GROW or name == "embeddings"
        if one == other or name in _MAY_CHANGE or (may_be_missing and None in (one, other)):
            continue
        if not isinstance(one, dict) or not isinstance(other, dict):
            return name
        found = _different(one, other, f"{name}.")
        if found is not None:
            return found
    return None
