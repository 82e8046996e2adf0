"""Scores as dots, as a picture of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from allennlp_heads.reports.dots import Panel, dots_figure
from docs.runs.png import write_png

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
    found = [
        Panel(name.upper(), "", {line: scores.get((line, name), ()) for line in lines}, dashed)
        for name in panels
    ]
    write_png(dots_figure(found, lines, caption), path)
