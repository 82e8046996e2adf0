"""Tasks as a graph: like tasks attract each other (Fruchterman and Reingold 1991)."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from allennlp_heads.reports.beside_dots import label_beside
from allennlp_heads.reports.figures import DPI, LETTERS_PER_INCH, LINE, STYLE
from allennlp_heads.reports.transfer.marks import Mark, class_marks, legend_handle, shown_task

NEIGHBOURS = 3
"""How many of its most similar tasks a task is joined with, where there are so many."""
_ROUNDS = 300
_LEAST, _A_TASK, _GROWTH, _TRIES, _MARGIN, _LEGEND = 4.2, 0.13, 1.2, 7, 0.12, 0.35
_THIN, _THICK, _DOT = 0.4, 4.0, 8
_NEAR = ((8, 0), (-8, 0), (0, 10), (0, -10), (7, 8), (-7, 8), (7, -8), (-7, -8))
_FAR = ((12, 14), (-12, 14), (12, -14), (-12, -14), (0, 18), (0, -18))

Edge = tuple[int, int, float]


def graph_figure(
    tasks: Sequence[str],
    classes: Mapping[str, str],
    similarity: numpy.ndarray,
    title: str,
    seed: int = 0,
) -> Figure:
    """
    Each task is joined with its most similar ones, three at most, the thicker the more similar; the
    lengths of lines follow from a spring layout. The picture grows until no name hides another.

    # Parameters

    tasks : `Sequence[str]`
    classes : `Mapping[str, str]`
        Task -> its class, shown as shape and colour.
    similarity : `numpy.ndarray`
        `[tasks, tasks]`, symmetric; `nan`: not joined.
    title : `str`
        Wrapped to the width of the picture.
    seed : `int`, optional (default = `0`)
        Of the places that the layout begins with.

    # Returns

    `Figure`
        For `save_figure`.
    """
    edges = nearest(similarity)
    places = spring_places(len(tasks), edges, seed)
    size = _LEAST + _A_TASK * len(tasks)
    for _ in range(_TRIES):
        figure, free = _drawn(tasks, classes, edges, places, title, size)
        if free:
            break
        size *= _GROWTH
    return figure


def nearest(similarity: numpy.ndarray, neighbours: int = NEIGHBOURS) -> list[Edge]:
    """
    Pairs of which one is among the most similar of the other, each once, with a strength from 0
    (the least similar of all pairs) to 1 (the most similar): cosines of Fisher information all lie
    near 1. Of equal ones the first counts.
    """
    known = numpy.where(numpy.isfinite(similarity), similarity, -numpy.inf)
    numpy.fill_diagonal(known, -numpy.inf)
    there = known[numpy.isfinite(known)]
    if not there.size:
        return []
    low, spread = there.min(), (there.max() - there.min()) or 1.0
    found = {}
    for one, row in enumerate(known):
        for other in numpy.argsort(-row, kind="stable")[:neighbours].tolist():
            if numpy.isfinite(row[other]):
                pair = (min(one, other), max(one, other))
                found[pair] = float((row[other] - low) / spread)
    return [(*pair, strength) for pair, strength in sorted(found.items())]


def spring_places(nodes: int, edges: Sequence[Edge], seed: int) -> numpy.ndarray:
    """`[nodes, 2]`: the same for the same arguments, in the square from -1 to 1."""
    # here, since it takes long to load and nothing else needs it
    import networkx

    graph = networkx.Graph()
    graph.add_nodes_from(range(nodes))
    graph.add_weighted_edges_from((one, other, 0.1 + strength) for one, other, strength in edges)
    found = networkx.spring_layout(graph, iterations=_ROUNDS, seed=seed)
    places = numpy.array([found[node] for node in range(nodes)], dtype=float).reshape(nodes, 2)
    low, high = places.min(axis=0), places.max(axis=0)
    # one scale for both directions: else far and near are not what the layout says
    filled: numpy.ndarray = (2 * places - low - high) / (float((high - low).max()) or 1.0)
    return filled


def _drawn(
    tasks: Sequence[str],
    classes: Mapping[str, str],
    edges: Sequence[Edge],
    places: numpy.ndarray,
    title: str,
    size: float,
) -> tuple[Figure, bool]:
    """The picture, and whether all of its names have room."""
    marks = class_marks(classes[task] for task in tasks)
    width, lines = 1.3 * size, textwrap.wrap(title, int(1.3 * size * LETTERS_PER_INCH))
    top = _MARGIN + LINE * len(lines)
    height = top + size + _LEGEND
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), dpi=DPI)
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, _LEGEND / height, 1, size / height))
        axes.axis("off")
        axes.set_xlim(-1.45, 1.45)
        axes.set_ylim(-1.15, 1.15)
        for one, other, strength in edges:
            (x1, y1), (x2, y2) = places[[one, other]]
            line = _THIN + (_THICK - _THIN) * strength
            axes.plot([x1, x2], [y1, y2], color="0.82", linewidth=line, zorder=1)
        for task, (x, y) in zip(tasks, places):
            mark = marks[classes[task]]
            style: dict[str, Any] = {"marker": mark.shape, "c": mark.colour, "s": 60, "zorder": 2}
            axes.scatter([x], [y], edgecolors="black", linewidths=0.8, **style)
        free = _names(axes, tasks, places)
        upper: dict[str, Any] = {"va": "top", "fontsize": 10}
        figure.text(_MARGIN / width, 1 - _MARGIN / height, "\n".join(lines), **upper)
        _legend(figure, marks)
    return figure, free


def _names(axes: Axes, tasks: Sequence[str], places: numpy.ndarray) -> bool:
    points = axes.transData.transform(places)
    taken = [Bbox.from_bounds(x - _DOT, y - _DOT, 2 * _DOT, 2 * _DOT) for x, y in points]
    inside, free = axes.get_window_extent(), True
    for task, (x, y) in zip(tasks, places):
        name = shown_task(task)
        box = label_beside(axes, name, (float(x), float(y)), taken, (*_NEAR, *_FAR), size=8)
        within = inside.x0 <= box.x0 and box.x1 <= inside.x1
        free &= within and not any(box.overlaps(other) for other in taken)
        taken.append(box)
    return free


def _legend(figure: Figure, marks: Mapping[str, Mark]) -> None:
    handles = [legend_handle(name, mark.shape, mark.colour) for name, mark in marks.items()]
    style: dict[str, Any] = {"fontsize": 8, "frameon": False, "ncol": 4}
    figure.legend(handles=handles, loc="lower center", **style)
