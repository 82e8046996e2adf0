"""The cells of a grid, and which of them share a source that is learned once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Optional

from allennlp_heads.grid.names import fitting
from allennlp_heads.reports.transfer.matrix import NO_SOURCE
from allennlp_heads.transfer.grid import TransferGrid


@dataclass(frozen=True)
class Cell:
    """
    One number to measure.

    # Parameters

    regime : `str`
    source : `str`, optional
        `None`: direct fine-tuning on the target.
    target : `str`
    restart : `int`
    """

    regime: str
    source: Optional[str]
    target: str
    restart: int

    @property
    def name(self) -> str:
        """`source.target.restart`, that of its file."""
        return f"{self.source or NO_SOURCE}.{self.target}.{self.restart}"

    @property
    def sizes(self) -> tuple[str, str]:
        """How much data source and target have: `"full"` or `"limited"`."""
        source, target = self.regime.split("_")
        return source, target


@dataclass(frozen=True)
class Row:
    """
    Fine-tuning of the pretrained encoder on one task, and the cells that come of it.

    # Parameters

    task : `str`
    size : `str`
        `"full"` or `"limited"`.
    restart : `int`
    cells : `Tuple[Cell, ...]`
        Those whose direct fine-tuning it is, and those whose source it is.
    """

    task: str
    size: str
    restart: int
    cells: tuple[Cell, ...]

    @property
    def name(self) -> str:
        """`task.restart`, that of the file of its encoder."""
        return f"{self.task}.{self.restart}"

    def of(self, cells: Collection[Cell]) -> tuple[list[Cell], list[Cell]]:
        """Those of these cells that are its own: direct ones, and those it is the source of."""
        own = [cell for cell in self.cells if cell in cells]
        direct = [cell for cell in own if cell.source is None]
        return direct, [cell for cell in own if cell.source is not None]


def cells_of(grid: TransferGrid) -> list[Cell]:
    """
    All cells of a grid: by regime, then the first restart before the second, then by source,
    direct fine-tuning first.
    """
    return [
        Cell(regime, source, target, restart)
        for regime in grid.regimes
        for restart in range(grid.restarts)
        for source in (None, *grid.tasks)
        for target in grid.tasks
        if source != target
    ]


def chosen(cells: Sequence[Cell], patterns: Optional[Sequence[str]]) -> list[Cell]:
    """
    The cells whose names fit one of the patterns (`"sst2.*.0"`, `"none.*"`); without patterns all.
    Raises `ConfigurationError` for a pattern that fits none.
    """
    explained = (
        "--only: no cell fits '{}'; their names are <source>.<target>.<restart>, as "
        f"{cells[0].name}, and '*' stands for anything"
    )
    kept = set(fitting([cell.name for cell in cells], patterns, explained))
    return [cell for cell in cells if cell.name in kept]


def rows_of(cells: Sequence[Cell]) -> list[Row]:
    """
    The cells by what is fine-tuned first. In `limited_limited` and `full_full` direct fine-tuning
    on a task is the same as learning it as a source, and is done once.
    """
    rows: dict[tuple[int, str, str], list[Cell]] = {}
    for cell in cells:
        of_source, of_target = cell.sizes
        first = (of_target, cell.target) if cell.source is None else (of_source, cell.source)
        rows.setdefault((cell.restart, *first), []).append(cell)
    ordered = sorted(rows, key=lambda key: key[0])  # whole restarts, one after the other
    return [Row(task, size, n, tuple(rows[n, size, task])) for n, size, task in ordered]
