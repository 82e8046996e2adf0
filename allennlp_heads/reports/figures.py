"""Heat maps with one cell for each attention head: layers downward, heads across, both from 1."""

from __future__ import annotations

import io
import os
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import numpy
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from allennlp_heads.reports.files import atomic_write

# inches; the size of a picture follows from its grid
_CELL, _SMALL_CELL, _MANY_HEADS = 0.36, 0.25, 24
_LEFT, _TOP, _BOTTOM, _GAP, _BAR, _RIGHT = 0.75, 0.62, 0.34, 0.22, 0.15, 0.72
LINE, _LEAST_WIDTH, _LEAST_BAR = 0.2, 3.6, 1.1
LETTERS_PER_INCH = 13
DPI = 120
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "allennlp_heads",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "hatch.linewidth": 0.6,
}


def head_map(
    values: numpy.ndarray,
    title: str,
    exists: numpy.ndarray | None = None,
    label: str = "gate, 1 = open",
    marked: numpy.ndarray | None = None,
) -> Figure:
    """
    Draw one value in [0, 1] for each head: white is 0 (closed), black is 1 (open), so that the map
    reads the same in grey. Values outside are drawn as the nearer end.

    # Parameters

    values : `numpy.ndarray`
        `[layers, heads]`.
    title : `str`
        Wrapped to the width of the picture.
    exists : `numpy.ndarray`, optional (default = `None`)
        `[layers, heads]`, `bool`: cells that stand for no head are hatched.
    label : `str`, optional (default = `"gate, 1 = open"`)
        What the colour bar measures.
    marked : `numpy.ndarray`, optional (default = `None`)
        `[layers, heads]`, `bool`: cells that get a white dot.

    # Returns

    `Figure`
        Of no interactive window and no global state; give it to `save_figure`.
    """
    values = numpy.asarray(values, dtype=float)
    exists = existing(values, exists)
    side = _GAP + _BAR + _RIGHT
    grid = head_grid(exists, title, side, _LEAST_BAR)
    with matplotlib.rc_context(STYLE):
        cells = grid.axes.pcolormesh(
            numpy.ma.masked_array(values, ~exists),
            cmap="binary",
            vmin=0,
            vmax=1,
            edgecolors="0.5",
            linewidth=0.5,
        )
        if marked is not None:
            layer, head = numpy.nonzero(marked & exists)
            style: dict[str, Any] = {"s": 16, "c": "white", "edgecolors": "black"}
            grid.axes.scatter(head + 0.5, layer + 0.5, linewidths=0.8, zorder=2, **style)
        bar = grid.box(grid.right + _GAP, grid.top, _BAR, grid.height)
        grid.figure.colorbar(cells, cax=bar, ticks=[0, 0.25, 0.5, 0.75, 1])
        bar.set_ylabel(label, fontsize=8)
        bar.tick_params(labelsize=8)
    return grid.figure


def existing(values: numpy.ndarray, exists: numpy.ndarray | None) -> numpy.ndarray:
    """
    `exists`, or all of the cells of `values` `[layers, heads]`. Raises `ValueError` where the
    shapes do not fit.
    """
    if values.ndim != 2 or 0 in values.shape:
        raise ValueError(f"a map of heads needs an array [layers, heads], not {list(values.shape)}")
    exists = numpy.ones(values.shape, dtype=bool) if exists is None else numpy.asarray(exists, bool)
    if exists.shape != values.shape:
        raise ValueError(f"'exists' is {list(exists.shape)}, the map is {list(values.shape)}")
    return exists


class HeadGrid(NamedTuple):
    """
    A picture of a grid of heads, still without its cells. Lengths are inches from the upper left
    corner of the picture.

    # Parameters

    figure : `Figure`
    axes : `Axes`
        One unit a cell, the first head of the first layer from (0, 0) to (1, 1).
    box : `Callable[[float, float, float, float], Axes]`
        Further axes from (left, upper, width, height).
    right : `float`
        Where the cells end.
    top : `float`
        Where they begin.
    height : `float`
        The room below `top`, at least that of the cells.
    """

    figure: Figure
    axes: Axes
    box: Callable[[float, float, float, float], Axes]
    right: float
    top: float
    height: float


def head_grid(
    exists: numpy.ndarray,
    title: str,
    side: float,
    least_height: float,
    cell: tuple[float, float] | None = None,
) -> HeadGrid:
    """
    A grid of heads with its title, numbers and hatched cells, and with room at its right.

    # Parameters

    exists : `numpy.ndarray`
        `[layers, heads]`, `bool`: cells that stand for no head are hatched.
    title : `str`
        Wrapped to the width of the picture.
    side : `float`
        Inches at the right of the cells.
    least_height : `float`
        Inches that `side` needs downward.
    cell : `Tuple[float, float]`, optional (default = `None`)
        Width and height of a cell in inches; by default that of `head_map`.
    """
    layers, heads = exists.shape
    size = _CELL if max(layers, heads) <= _MANY_HEADS else _SMALL_CELL
    across, down = (size, size) if cell is None else cell
    width = max(_LEFT + heads * across + side, _LEAST_WIDTH)
    lines = textwrap.wrap(title, int(width * LETTERS_PER_INCH)) or [""]
    room = max(layers * down, least_height)
    top = _TOP + LINE * len(lines)
    height = top + room + _BOTTOM
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), dpi=DPI)
        FigureCanvasAgg(figure)

        def box(left: float, upper: float, wide: float, high: float) -> Axes:
            return figure.add_axes(
                (left / width, 1 - (upper + high) / height, wide / width, high / height)
            )

        grid = box(_LEFT, top, heads * across, layers * down)
        _hatch(grid, exists)
        _ticks(grid, layers, heads)
        left = 0.15 / width
        figure.text(left, 1 - 0.1 / height, "\n".join(lines), va="top", fontsize=10)
        if not exists.all():
            figure.text(left, 0.08 / height, "hatched: no such head", va="bottom", fontsize=7)
    return HeadGrid(figure, grid, box, _LEFT + heads * across, top, room)


def _hatch(grid: Axes, exists: numpy.ndarray) -> None:
    for layer, head in zip(*numpy.nonzero(~exists), strict=True):
        style: dict[str, Any] = {"facecolor": "white", "edgecolor": "0.5", "hatch": "/////"}
        grid.add_patch(Rectangle((head, layer), 1, 1, lw=0.5, zorder=1.5, **style))


def _ticks(grid: Axes, layers: int, heads: int) -> None:
    size = 8 if max(layers, heads) <= _MANY_HEADS else 7
    grid.set_xticks(numpy.arange(heads) + 0.5, [str(head + 1) for head in range(heads)])
    grid.set_yticks(numpy.arange(layers) + 0.5, [str(layer + 1) for layer in range(layers)])
    grid.tick_params(labelsize=size, length=0, top=True, bottom=False, labeltop=True)
    grid.tick_params(labelbottom=False)
    grid.set_xlim(0, heads)
    grid.set_ylim(layers, 0)
    grid.set_xlabel("head", fontsize=9)
    grid.xaxis.set_label_position("top")
    grid.set_ylabel("layer", fontsize=9)


def save_figure(figure: Figure, stem: str | os.PathLike[str]) -> list[Path]:
    """
    Write a figure as `<stem>.png` and `<stem>.svg`, atomically; equal figures give equal bytes.

    # Returns

    `List[Path]`
        The two files.
    """
    paths = []
    for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None, "Creator": None})):
        buffer = io.BytesIO()
        with matplotlib.rc_context(STYLE):
            figure.savefig(buffer, format=kind, metadata=metadata)
        path = Path(f"{os.fspath(stem)}.{kind}")
        with atomic_write(path) as file:
            file.write(buffer.getvalue())
        paths.append(path)
    return paths


def figure_to_image(figure: Figure) -> numpy.ndarray:
    """The pixels of a figure: `uint8`, `[height, width, 3]`."""
    canvas = FigureCanvasAgg(figure)
    with matplotlib.rc_context(STYLE):
        canvas.draw()
    return numpy.asarray(canvas.buffer_rgba())[:, :, :3].copy()
