"""The pictures about specialised heads."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from allennlp_heads.reports.dissociation_data import DissociationData
from allennlp_heads.reports.dissociation_figure import dissociation_figure
from allennlp_heads.reports.figures import DPI, STYLE
from docs.runs import dots
from docs.runs.png import write_png
from docs.specialization.branches_page import line_of
from docs.specialization.comparisons import Results
from docs.specialization.masks_page import title
from docs.specialization.plan import FIVE, TRAINED

_CAPTION = (
    "score on the development examples: rings are runs, strokes their means, dashes the archive"
)
_PANEL, _ROW = 2.3, 1.7


def draw(results: Results, folder: Path) -> None:
    """Write the pictures that the page shows; equal records give equal bytes."""
    for setting in TRAINED:
        masked = results.masked(setting)
        if masked is not None:
            shown = dissociation_figure(masked.data, [masked.standard])
            write_png(shown, folder / f"{setting}.png")
            write_png(importance_figure(masked.data), folder / f"{setting}.importance.png")
    branches = results.branches()
    if len(branches) > 1:
        tasks = sorted(next(iter(results.scored(branches[0]).values()))["tasks"])
        scores = {
            (line_of(setting), title(task)): [
                run["scored"]["scores"][task] for run in results.scored(setting).values()
            ]
            for setting in branches
            for task in tasks
        }
        lines = [line_of(setting) for setting in branches]
        panels = [title(task) for task in tasks]
        dots.draw(folder / "branches.png", scores, lines, panels, line_of(FIVE), _CAPTION)


def importance_figure(data: DissociationData) -> Figure:
    """
    A panel a task: the mean over seeds of its importances, each divided by its largest; black is
    the most important head. Layers downward and heads across, both from 1.
    """
    largest = data.importance.max(axis=(2, 3), keepdims=True)
    shares = (data.importance / largest).mean(axis=0)
    layers, heads = data.exists.shape
    with matplotlib.rc_context(STYLE):
        size = (_PANEL * len(data.tasks) + 0.6, _ROW)
        figure = Figure(figsize=size, dpi=DPI, layout="constrained")
        FigureCanvasAgg(figure)
        panels = figure.subplots(1, len(data.tasks), sharey=True, squeeze=False)[0]
        for panel, task, grid in zip(panels, data.tasks, shares, strict=True):
            cells = numpy.ma.masked_array(grid, ~data.exists)
            edges = {"edgecolors": "0.7", "linewidth": 0.4}
            drawn = panel.pcolormesh(cells, cmap="binary", vmin=0, vmax=1, **edges)
            panel.set_title(title(task), fontsize=9)
            panel.set_xticks(numpy.arange(heads) + 0.5, [str(n + 1) for n in range(heads)])
            panel.set_yticks(numpy.arange(layers) + 0.5, [str(n + 1) for n in range(layers)])
            panel.tick_params(labelsize=5.5, length=0)
            panel.set_ylim(layers, 0)
        panels[0].set_ylabel("layer", fontsize=8)
        figure.supxlabel("head", fontsize=8)
        bar = figure.colorbar(drawn, ax=panels, pad=0.01)
        bar.ax.tick_params(labelsize=6)
    return figure
