"""Scores as dots: a panel a task, a line a system, a ring a run."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

_WIDTH, _LINE, _FRAME, _DPI = 11.0, 0.27, 1.1, 110

Scores = Mapping[tuple[str, str], Sequence[float]]
"""(line, panel) -> the scores of its runs."""


def draw(
    path: Path, scores: Scores, lines: list[str], panels: Sequence[str], dashed: str, caption: str
) -> None:
    """
    Write a picture; equal scores give equal bytes.

    # Parameters

    path : `Path`
    scores : `Mapping[Tuple[str, str], Sequence[float]]`
    lines, panels : `List[str]`
        In their order.
    dashed : `str`
        The line whose mean crosses the whole panel, dashed.
    caption : `str`
    """
    figure = Figure(figsize=(_WIDTH, _FRAME + _LINE * len(lines)), dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(panels), sharey=True)
    for name, panel in zip(panels, axes, strict=True):
        panel.set_title(name.upper(), fontsize=10)
        panel.grid(axis="y", color="0.9")
        panel.tick_params(axis="x", labelsize=7, rotation=45)
        for place, line in enumerate(lines):
            _line(panel, place, list(scores.get((line, name), ())), line == dashed)
    axes[0].set_yticks(range(len(lines)), lines)
    axes[0].invert_yaxis()
    figure.supxlabel(caption)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Software": None})


def _line(panel: Axes, place: int, scores: list[float], dashed: bool) -> None:
    if not scores:
        return
    mean = statistics.mean(scores)
    panel.plot([mean], [place], "|", color="black", markersize=11, markeredgewidth=2)
    places = [place] * len(scores)
    panel.plot(scores, places, "o", mfc="none", mec="0.4", markersize=5, clip_on=False)
    if dashed:
        panel.axvline(mean, color="0.5", linestyle="--", linewidth=0.8, zorder=0)
