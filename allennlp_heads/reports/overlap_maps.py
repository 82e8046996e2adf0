"""The grids of `allennlp heads overlap`: mean gates, three runs in colour, heads by claims."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import matplotlib
import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from allennlp_heads.reports.figures import STYLE, HeadGrid, figure_to_image, head_grid, head_map
from allennlp_heads.reports.gate_pictures import chosen_frames, moment
from allennlp_heads.reports.markup import plural, shorten
from allennlp_heads.reports.overlap import Overlap

_GAP, _LINE, _LEGEND = 0.25, 0.22, 2.1
_RUNS = ("", "1", "2", "3", "12", "13", "23", "123")
_COLOURS = {
    "": "white: none of the runs",
    "1": "cyan: run 1 alone",
    "2": "magenta: run 2 alone",
    "3": "yellow: run 3 alone",
    "12": "blue: runs 1 and 2",
    "13": "green: runs 1 and 3",
    "23": "red: runs 2 and 3",
    "123": "black: all three runs",
}


def mean_figure(overlap: Overlap) -> Figure:
    """The mean gate over the counted groups in grey."""
    return head_map(overlap.mean, f"Mean gate, {_counted(overlap)}", overlap.exists, "mean gate")


def _counted(overlap: Overlap) -> str:
    # a run with gates for each task is one run, however many of its sets count
    runs = len({run.folder for run in overlap.counted_runs})
    return f"{overlap.counted_as}, {plural(runs, 'run')} in all"


def mean_frames(overlap: Overlap) -> Iterator[numpy.ndarray] | None:
    """
    The pictures of the mean gate from epoch to epoch, or `None` where the counted runs do not all
    have the same epochs.
    """
    runs = overlap.counted_runs
    epochs = runs[0].epochs
    if not len(epochs) or any(list(run.epochs) != list(epochs) for run in runs):
        return None
    groups = [overlap.groups[place].runs for place in overlap.counted]
    history = numpy.mean(
        [numpy.mean([run.history for run in group], axis=0) for group in groups], axis=0
    )
    return (
        figure_to_image(
            head_map(
                history[row],
                f"Mean gate {moment(int(epochs[row]))}, {_counted(overlap)}",
                overlap.exists,
                "mean gate",
            )
        )
        for row in chosen_frames(len(epochs))
    )


def rgb_figure(overlap: Overlap, place: int) -> Figure:
    """
    The first three runs of a group as the colour (1 - gate 1, 1 - gate 2, 1 - gate 3); the digits
    say in grey which runs open a head that not all of them open.
    """
    group = overlap.groups[place]
    gates = numpy.stack([run.gates for run in group.runs[:3]], axis=-1)
    masks = overlap.open_heads[place][:3]
    counts = ", ".join(str(mask.sum()) for mask in masks)
    common = masks.all(axis=0).sum()
    title = (
        f"Open heads of {group.name} in three runs: {counts} of {overlap.exists.sum()}, "
        f"{common} in all three"
    )
    rows = len(_RUNS) + 4
    grid = head_grid(overlap.exists, title, _GAP + _LEGEND, rows * _LINE)
    with matplotlib.rc_context(STYLE):
        size = 7 if max(overlap.exists.shape) <= 24 else 5.5
        for layer, head in numpy.argwhere(overlap.exists):
            runs = "".join(str(run + 1) for run in range(3) if masks[run, layer, head])
            colour = 1 - numpy.clip(gates[layer, head], 0, 1)
            _cell(grid.axes, head, layer, colour, "" if len(runs) == 3 else runs, size)
        _legend(grid, [Path(run.folder).name for run in group.runs[:3]])
    return grid.figure


def _legend(grid: HeadGrid, folders: list[str]) -> None:
    rows = len(_RUNS) + 4
    axes = grid.box(grid.right + _GAP, grid.top, _LEGEND, rows * _LINE)
    axes.set_xlim(0, _LEGEND / _LINE)
    axes.set_ylim(rows, 0)
    axes.set_axis_off()
    for row, runs in enumerate(_RUNS):
        colour = numpy.array([float(str(run) not in runs) for run in (1, 2, 3)])
        _cell(axes, 0, row, colour, "" if len(runs) == 3 else runs, 7)
        axes.text(1.4, row + 0.5, _COLOURS[runs], va="center", fontsize=8)
    lines = ["mixed tints: partly open"]
    lines += [f"run {number}: {shorten(name)}" for number, name in enumerate(folders, start=1)]
    for row, line in enumerate(lines, start=len(_RUNS)):
        axes.text(0, row + 0.6, line, va="center", fontsize=8)


def claims_figure(overlap: Overlap) -> Figure:
    """How many of the counted groups claim each head: the number in the cell, and its grey."""
    counted = len(overlap.counted)
    claimed_by = overlap.claimed_by
    common = int((claimed_by == counted).sum())
    title = (
        f"Heads by how many of {overlap.counted_as} claim them: "
        f"{common} of {overlap.exists.sum()} by all"
    )
    grid = head_grid(overlap.exists, title, _GAP, 0)
    with matplotlib.rc_context(STYLE):
        size = 8 if max(overlap.exists.shape) <= 24 else 6
        for layer, head in numpy.argwhere(overlap.exists):
            count = claimed_by[layer, head]
            grey = numpy.full(3, 1 - count / counted)
            _cell(grid.axes, head, layer, grey, str(count), size)
    return grid.figure


def _cell(
    axes: Axes, left: float, upper: float, colour: numpy.ndarray, text: str, size: float
) -> None:
    axes.add_patch(Rectangle((left, upper), 1, 1, facecolor=colour, edgecolor="0.5", lw=0.5))
    if text:
        dark = colour @ [0.299, 0.587, 0.114] < 0.5  # brightness as the eye weighs the colours
        axes.text(
            left + 0.5,
            upper + 0.5,
            text,
            ha="center",
            va="center",
            fontsize=size,
            color="white" if dark else "black",
        )
