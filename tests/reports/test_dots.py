"""Scores as dots."""

from __future__ import annotations

import numpy
import pytest

from allennlp_heads.reports.dots import Panel, dots_figure
from allennlp_heads.reports.figures import figure_to_image


def panels(tasks: int, lines: int) -> list[Panel]:
    draw = numpy.random.default_rng(0)
    return [
        Panel(
            f"task {task}",
            "accuracy",
            {f"setting {n}": draw.normal(90, 1, 3).tolist() for n in range(lines)},
            "setting 0",
        )
        for task in range(tasks)
    ]


def names(lines: int) -> list[str]:
    return [f"setting {n}" for n in range(lines)]


@pytest.mark.parametrize(("tasks", "lines"), [(6, 10), (1, 2), (1, 1), (10, 3)])
def test_no_text_on_another(tasks: int, lines: int) -> None:
    figure = dots_figure(panels(tasks, lines), names(lines), "score: rings are runs")
    figure.canvas.draw()
    texts = [axes.title for axes in figure.axes]
    for axes in figure.axes:
        low, high = axes.get_xlim()
        ticks = zip(axes.get_xticks(), axes.get_xticklabels())
        texts += [label for tick, label in ticks if low <= tick <= high]
    texts += figure.axes[0].get_yticklabels()
    boxes = [text.get_window_extent() for text in texts if text.get_text()]
    for place, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:place])
        assert box.x0 >= 0 and box.x1 <= figure.bbox.width
    assert len(figure.axes) == tasks


def test_a_ring_a_run_a_stroke_a_mean_and_a_dashed_reference() -> None:
    scores = {"alone": [1.0, 2.0], "both": [3.0]}
    figure = dots_figure([Panel("pos", "", scores, "alone")], ["alone", "both", "empty"], "")
    lines = figure.axes[0].get_lines()
    rings = [line for line in lines if line.get_marker() == "o"]
    strokes = [line for line in lines if line.get_marker() == "|"]
    (dashed,) = [line for line in lines if line.get_linestyle() == "--"]
    assert [list(line.get_xdata()) for line in rings] == [[1, 2], [3]]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in strokes] == [(1.5, 0), (3, 1)]
    assert set(dashed.get_xdata()) == {1.5}
    assert figure.axes[0].get_title() == "pos"


def test_equal_scores_have_a_scale_and_names_are_no_formulas() -> None:
    scores = {"a$x^$": [0.0], "b": [1e-17]}
    figure = dots_figure([Panel("pos_$", "$", scores, None)], list(scores), "none")
    image = figure_to_image(figure)
    assert image.min() == 0
    low, high = figure.axes[0].get_xlim()
    assert high - low > 1e-4
    equal = dots_figure([Panel("pos", "f1", {"a": [50.0], "b": [50.0]}, None)], ["a", "b"], "")
    low, high = equal.axes[0].get_xlim()
    assert low <= 49.5 and high >= 50.5
    empty = dots_figure([Panel("pos", "f1", {}, "a")], ["a"], "none")
    assert figure_to_image(empty).ndim == 3
