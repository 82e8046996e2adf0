"""The pictures about transfer between tasks."""

from __future__ import annotations

from pathlib import Path

import numpy

from allennlp_heads.reports.transfer.graph import graph_figure
from allennlp_heads.reports.transfer.order import task_order
from allennlp_heads.reports.transfer.pictures import (
    gain_picture,
    layer_picture,
    rank_picture,
    similarity_picture,
)
from allennlp_heads.reports.transfer.violins import violin_figure
from docs.runs.png import write_png
from docs.transfer.comparisons import Results
from docs.transfer.plan import task_title, title_of


def draw(results: Results, folder: Path) -> None:
    """Write the pictures that the page shows; equal records give equal bytes."""
    matrix = results.matrix
    order = task_order(matrix.tasks, matrix.classes, numpy.eye(len(matrix.tasks)))
    square = numpy.ix_(order, order)
    names = [task_title(matrix.tasks[place]) for place in order]
    groups = [results.classes[place] for place in order]
    gains = gain_picture(names, groups, matrix.gains[square], "Gain over direct fine-tuning")
    write_png(gains, folder / "gains.png")
    for kind in results.kinds:
        table = results.similarity(kind)
        assert table is not None
        title = f"Similarity by {kind}, mean of its components"
        figure = similarity_picture(names, groups, table[square], title)
        write_png(figure, folder / f"similarity.{kind}.png")
    if results.layers is not None:
        layers = layer_picture(results.layers, "NDCG of single components of TaskEmb")
        write_png(layers, folder / "layers.png")
    if results.leading is not None:
        _draw_choice(results, results.leading, order, folder)


def _draw_choice(results: Results, method: str, order: list[int], folder: Path) -> None:
    matrix, place_of = results.matrix, {place: n for n, place in enumerate(order)}
    square = numpy.ix_(order, order)
    names = [task_title(matrix.tasks[place]) for place in order]
    groups = [results.classes[place] for place in order]
    classes = dict(zip(names, groups))
    performance, found = matrix.performance[square], results.evaluations[method]
    chosen = [place_of.get(int(found.chosen[place])) for place in order]
    title = f"Targets after each source; the star is the choice of {title_of(method)}"
    violin = violin_figure(names, classes, performance, matrix.baseline[order], chosen, title)
    write_png(violin, folder / "violin.png")
    scores = results.methods[method][square]
    title = f"Ranks by {title_of(method)} against the true ones"
    write_png(rank_picture(names, groups, scores, performance, title), folder / "ranks.png")
    table = results.similarity(method)
    if table is not None:
        title = f"Similarity by {title_of(method)}: each task joined with its three most similar"
        write_png(graph_figure(names, classes, table[square], title), folder / "graph.png")
