"""The pictures of overlap: colours, numbers, and nothing cut off."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from allennlp_heads.reports.figures import figure_to_image
from allennlp_heads.reports.matrix_figure import matrix_figure
from allennlp_heads.reports.overlap import Overlap, measure
from allennlp_heads.reports.overlap_charts import chance_figure, layers_figure
from allennlp_heads.reports.overlap_groups import read_groups
from allennlp_heads.reports.overlap_maps import (
    claims_figure,
    mean_figure,
    mean_frames,
    rgb_figure,
)
from tests.reports.gate_runs import write_groups, write_run

TITLE = "Jaccard index x 100 of open heads, mean over pairs of runs; framed: within the group"
SHAPES = [(3, 4), (6, 12), (24, 16), (2, 40)]
FIGURES: list[Callable[[Overlap], Figure]] = [
    mean_figure,
    lambda overlap: rgb_figure(overlap, 0),
    claims_figure,
    chance_figure,
    layers_figure,
]


def cell_colours(figure: Figure, shape: tuple[int, int]) -> numpy.ndarray:
    """`[layers, heads, 3]` in [0, 1], from the pixels near each cell's upper left corner."""
    image = figure_to_image(figure)
    box = figure.axes[0].get_window_extent()
    rows = image.shape[0] - box.y1 + (numpy.arange(shape[0]) + 0.15) * box.height / shape[0]
    columns = box.x0 + (numpy.arange(shape[1]) + 0.15) * box.width / shape[1]
    return image[rows.astype(int)][:, columns.astype(int)] / 255


def texts_of(figure: Figure) -> list[Text]:
    return [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]


def assert_inside(figure: Figure) -> None:
    height, width = figure_to_image(figure).shape[:2]
    for text in texts_of(figure):
        box = text.get_window_extent()
        assert box.x0 >= 0 and box.y0 >= 0, text
        assert box.x1 <= width and box.y1 <= height, text


def three_runs(tmp_path: Path, gates: list[numpy.ndarray]) -> Overlap:
    folders = [write_run(tmp_path / str(n), grid, ["pos"], n) for n, grid in enumerate(gates)]
    return measure(read_groups(folders), draws=5)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_nothing_is_cut_off_at_any_size(tmp_path: Path, shape: tuple[int, int]) -> None:
    folders = write_groups(tmp_path, ["pos", "dep"], 3, shape)
    names = ["part-of-speech tags of a long name", "dep"]
    found = measure(read_groups(folders, names), draws=5)
    for draw in FIGURES:
        assert_inside(draw(found))


def test_colours_are_the_runs_with_the_first_head_top_left(tmp_path: Path) -> None:
    bits = numpy.array([[(n >> run) & 1 for n in range(8)] for run in range(3)], dtype=float)
    grids = [numpy.stack([row, 0.25 * row]) for row in bits]
    figure = rgb_figure(three_runs(tmp_path, grids), 0)
    found = cell_colours(figure, (2, 8))
    assert numpy.abs(found - (1 - numpy.stack(grids, axis=-1))).max() < 0.01
    digits = [text.get_text() for text in figure.axes[0].texts]
    assert digits == ["1", "2", "12", "3", "13", "23"] * 2


def test_legend_explains_the_eight_colours(tmp_path: Path) -> None:
    figure = rgb_figure(three_runs(tmp_path, [numpy.eye(3)] * 3), 0)
    legend = figure.axes[1]
    words = " ".join(text.get_text() for text in legend.texts)
    swatches = [patch.get_facecolor()[:3] for patch in legend.patches]
    assert len(swatches) == len(set(swatches)) == 8
    colours = {
        "white": (1, 1, 1),
        "cyan": (0, 1, 1),
        "magenta": (1, 0, 1),
        "yellow": (1, 1, 0),
        "blue": (0, 0, 1),
        "green": (0, 1, 0),
        "red": (1, 0, 0),
        "black": (0, 0, 0),
    }
    assert swatches == list(colours.values())
    named = [text.get_text().split(":")[0] for text in legend.texts]
    assert [name for name in named if name in colours] == list(colours)
    assert "run 1: 0" in words and "run 3: 2" in words


def test_claims_show_their_number_and_its_grey(tmp_path: Path) -> None:
    shape = (2, 3)
    claims = numpy.array([[[1, 1, 0], [1, 0, 0]], [[1, 0, 0], [1, 1, 0]]])
    folders = [
        write_run(tmp_path / task, grid, [task]) for task, grid in zip(["pos", "dep"], claims)
    ]
    figure = claims_figure(measure(read_groups(folders), draws=5))
    wanted = claims.sum(axis=0)
    assert [int(text.get_text()) for text in figure.axes[0].texts] == wanted.ravel().tolist()
    assert numpy.abs(cell_colours(figure, shape) - (1 - wanted / 2)[:, :, None]).max() < 0.01
    assert "2 of 6 by all" in " ".join(figure.texts[0].get_text().split())


def test_bars_are_the_counts(tmp_path: Path) -> None:
    found = measure(read_groups(write_groups(tmp_path, ["a", "b", "c"], 1, (3, 4))), draws=99)
    assert found.claims is not None
    figure = chance_figure(found)
    bars = [bar for bar in figure.axes[0].patches if isinstance(bar, Rectangle)]
    heights = [bar.get_height() for bar in bars]
    assert heights[:4] == found.claims.observed.tolist()
    assert heights[4:] == pytest.approx(found.claims.expected.tolist())


def test_lines_differ_without_colour(tmp_path: Path) -> None:
    folders = write_groups(tmp_path, [f"t{n}" for n in range(15)], 1, (2, 3))
    figure = layers_figure(measure(read_groups(folders), draws=5))
    lines = figure.axes[0].lines
    looks = {line.get_marker() for line in lines}
    assert len(lines) == len(looks) == 15
    assert figure.axes[0].get_ylim() == (2.5, 0.5)
    assert_inside(figure)


def test_animation_goes_from_open_to_the_mean(tmp_path: Path) -> None:
    folders = write_groups(tmp_path, ["pos", "dep"], 2, (2, 3), epochs=3)
    found = measure(read_groups(folders), draws=5)
    frames = mean_frames(found)
    assert frames is not None
    images = list(frames)
    assert len(images) == 4
    last = cell_colours(mean_figure(found), (2, 3))
    assert numpy.abs(last[:, :, 0] - (1 - found.mean)).max() < 0.01
    assert images[0].mean() < images[-1].mean()  # all open is black


@pytest.mark.parametrize("size", [1, 2, 6, 15])
@pytest.mark.parametrize("name", ["x", "a name that is quite a bit too long to be shown"])
def test_matrix(size: int, name: str) -> None:
    values = numpy.random.default_rng(0).uniform(-1, 1, (size, size))
    values[0, 0] = numpy.nan
    marked = numpy.zeros((size, size), dtype=bool)
    marked[-1, -1] = True
    figure = matrix_figure(values, [f"{n} {name}" for n in range(size)], TITLE, marked)
    assert_inside(figure)
    axes = figure.axes[0]
    shown = [text.get_text() for text in axes.texts]
    wanted = [f"{100 * value:.1f}" for value in values.ravel()]
    wanted[-1] += "*"
    wanted[0] = "–"
    assert shown == wanted
    labels = [t.get_window_extent() for t in axes.get_xticklabels()]
    assert all(not a.overlaps(b) for a, b in itertools.combinations(labels, 2))
    title = figure.texts[0].get_window_extent()
    assert all(label.y1 < title.y0 for label in labels)


def test_matrix_with_a_second_number() -> None:
    values = numpy.array([[numpy.nan, 0.5], [0.5, 0.75]])
    below = numpy.array([[numpy.nan, 0.25], [0.25, numpy.nan]])
    figure = matrix_figure(values, ["a", "b"], TITLE, below=below)
    assert_inside(figure)
    shown = [text.get_text() for text in figure.axes[0].texts]
    assert shown == ["–", "50.0", "25.0", "50.0", "25.0", "75.0"]
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert all(not a.overlaps(b) for a, b in itertools.combinations(boxes, 2))


def test_titles_count_a_run_with_gates_for_each_task_once(tmp_path: Path) -> None:
    gates = {"pos": numpy.eye(3), "dep": 1 - numpy.eye(3)}
    runs = [write_run(tmp_path / str(n), gates, list(gates), n) for n in range(2)]
    figure = mean_figure(measure(read_groups(runs), draws=5))
    title = " ".join(figure.texts[0].get_text().split())
    assert title == "Mean gate, 2 tasks, 2 runs in all"
