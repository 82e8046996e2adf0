"""The scores as dots: a panel a task and measure, a line a training, a ring a run."""

from __future__ import annotations

from pathlib import Path

from allennlp_heads.reports.dots import Panel, dots_figure
from docs.qa_nli_sa.comparisons import Results
from docs.qa_nli_sa.names import ALONE, MEASURES, TITLES, row_of, rows, settings_of
from docs.runs.png import write_png

_CAPTION = (
    "score on the development examples after the last update: rings are runs, strokes their means, "
    "dashes the task alone"
)


def draw(results: Results, path: Path) -> None:
    """Write the picture of all records; equal records give equal bytes."""
    panels = [
        Panel(
            TITLES[task],
            MEASURES.get(measure, measure),
            {row_of(name, task): results.scores(task, name, measure) for name in settings_of(task)},
            ALONE,
        )
        for task in results.tasks
        for measure in results.measures(task)
    ]
    shown = {line for panel in panels for line, scores in panel.scores.items() if scores}
    lines = [line for line in rows() if line in shown]
    write_png(dots_figure(panels, lines, _CAPTION), path)
