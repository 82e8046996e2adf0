"""Heat maps with one cell for each attention head: layers downward, heads across, both from 1."""

from __future__ import annotations

import io
import os
import textwrap
from pathlib import Path
from typing import Any

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
_LINE, _LEAST_WIDTH, _LEAST_BAR = 0.2, 3.6, 1.1
_LETTERS_PER_INCH = 13
_DPI = 120
_STYLE: dict[Any, Any] = {
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

    # Returns

    `Figure`
        Of no interactive window and no global state; give it to `save_figure`.
    """
    values = numpy.asarray(values, dtype=float)
    if values.ndim != 2 or 0 in values.shape:
        raise ValueError(f"a map of heads needs an array [layers, heads], not {list(values.shape)}")
    exists = numpy.ones(values.shape, dtype=bool) if exists is None else numpy.asarray(exists, bool)
    if exists.shape != values.shape:
        raise ValueError(f"'exists' is {list(exists.shape)}, the map is {list(values.shape)}")
    layers, heads = values.shape
    cell = _CELL if max(layers, heads) <= _MANY_HEADS else _SMALL_CELL
    grid_width, grid_height = heads * cell, layers * cell
    width = max(_LEFT + grid_width + _GAP + _BAR + _RIGHT, _LEAST_WIDTH)
    lines = textwrap.wrap(title, int(width * _LETTERS_PER_INCH)) or [""]
    bar_height = max(grid_height, _LEAST_BAR)
    top = _TOP + _LINE * len(lines)
    height = top + bar_height + _BOTTOM
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), dpi=_DPI)
        FigureCanvasAgg(figure)

        def box(left: float, upper: float, wide: float, high: float) -> Axes:
            return figure.add_axes(
                (left / width, 1 - (upper + high) / height, wide / width, high / height)
            )

        grid = box(_LEFT, top, grid_width, grid_height)
        bar = box(_LEFT + grid_width + _GAP, top, _BAR, bar_height)
        cells = grid.pcolormesh(
            numpy.ma.masked_array(values, ~exists),
            cmap="binary",
            vmin=0,
            vmax=1,
            edgecolors="0.5",
            linewidth=0.5,
        )
        _hatch(grid, exists)
        _ticks(grid, layers, heads)
        figure.colorbar(cells, cax=bar, ticks=[0, 0.25, 0.5, 0.75, 1])
        bar.set_ylabel(label, fontsize=8)
        bar.tick_params(labelsize=8)
        left = 0.15 / width
        figure.text(left, 1 - 0.1 / height, "\n".join(lines), va="top", fontsize=10)
        if not exists.all():
            figure.text(left, 0.08 / height, "hatched: no such head", va="bottom", fontsize=7)
    return figure


def _hatch(grid: Axes, exists: numpy.ndarray) -> None:
    for layer, head in zip(*numpy.nonzero(~exists), strict=True):
        grid.add_patch(
            Rectangle(
                (head, layer), 1, 1, facecolor="white", edgecolor="0.5", hatch="/////", lw=0.5
            )
        )


def _ticks(grid: Axes, layers: int, heads: int) -> None:
    size = 8 if max(layers, heads) <= _MANY_HEADS else 7
    grid.set_xticks(numpy.arange(heads) + 0.5, [str(head + 1) for head in range(heads)])
    grid.set_yticks(numpy.arange(layers) + 0.5, [str(layer + 1) for layer in range(layers)])
    grid.tick_params(labelsize=size, length=0, top=True, bottom=False, labeltop=True)
    grid.tick_params(labelbottom=False)
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
        with matplotlib.rc_context(_STYLE):
            figure.savefig(buffer, format=kind, metadata=metadata)
        path = Path(f"{os.fspath(stem)}.{kind}")
        with atomic_write(path) as file:
            file.write(buffer.getvalue())
        paths.append(path)
    return paths


def figure_to_image(figure: Figure) -> numpy.ndarray:
    """The pixels of a figure: `uint8`, `[height, width, 3]`."""
    canvas = FigureCanvasAgg(figure)
    with matplotlib.rc_context(_STYLE):
        canvas.draw()
    return numpy.asarray(canvas.buffer_rgba())[:, :, :3].copy()
