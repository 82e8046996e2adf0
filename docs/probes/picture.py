"""The pictures about probes."""

from __future__ import annotations

from pathlib import Path

from allennlp_heads.reports.probing.scatter import scatter_figure
from allennlp_heads.reports.probing.strip import strip_figure
from docs.probes.comparisons import Results
from docs.runs.png import write_png


def draw(results: Results, folder: Path) -> None:
    """
    Write the pictures that the page shows: for every task where the heads of the first encoder are
    that do its labels best, and how far each encoder is from the task alone in every label.
    """
    for task in results.tasks:
        groups, compared = results.groups(task), results.compared(task)
        name, runs = next(iter(groups.items()))
        write_png(scatter_figure(f"{task.upper()}, {name}", runs[0]), folder / f"{task}.png")
        if compared is not None and len(compared.by_label) > 1:
            write_png(strip_figure(task.upper(), compared), folder / f"{task}.strip.png")
