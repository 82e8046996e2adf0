import xml.etree.ElementTree
from pathlib import Path

import matplotlib
import numpy
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from allennlp_heads.reports.animation import write_animation
from allennlp_heads.reports.figures import figure_to_image, head_map, save_figure

SHAPES = [(1, 1), (3, 4), (12, 12), (2, 30), (48, 64)]


def grid(layers: int, heads: int) -> numpy.ndarray:
    return numpy.random.default_rng(0).random((layers, heads))


def cells_of(figure: Figure, layers: int, heads: int) -> numpy.ndarray:
    """The grey of the middle of each cell, from the pixels alone: 0 is black."""
    image = figure_to_image(figure)[:, :, 0]
    box = figure.axes[0].get_window_extent()
    top = image.shape[0] - box.y1
    rows = (top + (numpy.arange(layers) + 0.4) * box.height / layers).astype(int)
    columns = (box.x0 + (numpy.arange(heads) + 0.4) * box.width / heads).astype(int)
    return image[rows][:, columns] / 255


@pytest.mark.parametrize(("layers", "heads"), SHAPES)
def test_first_head_of_first_layer_is_top_left_and_grey_is_the_value(
    layers: int, heads: int
) -> None:
    values = grid(layers, heads)
    found = cells_of(head_map(values, "title"), layers, heads)
    assert numpy.abs(found - (1 - values)).max() < 0.01


def test_ends_of_the_scale_do_not_depend_on_the_values() -> None:
    found = cells_of(head_map(numpy.array([[0.0, 0.25], [1.0, 7.0]]), ""), 2, 2)
    assert numpy.abs(found - [[1, 0.75], [0, 0]]).max() < 0.01


@pytest.mark.parametrize(("layers", "heads"), SHAPES)
def test_axes_count_from_one_and_heads_stand_on_top(layers: int, heads: int) -> None:
    figure = head_map(grid(layers, heads), "title")
    axes = figure.axes[0]
    assert [t.get_text() for t in axes.get_xticklabels()] == [str(n + 1) for n in range(heads)]
    assert [t.get_text() for t in axes.get_yticklabels()] == [str(n + 1) for n in range(layers)]
    assert axes.get_xlabel() == "head" and axes.get_ylabel() == "layer"
    figure_to_image(figure)
    box = axes.get_window_extent()
    assert all(t.get_window_extent().y0 > box.y1 for t in axes.get_xticklabels() if t.get_visible())


@pytest.mark.parametrize(("layers", "heads"), SHAPES)
def test_everything_is_inside_the_picture_and_labels_do_not_touch(layers: int, heads: int) -> None:
    title = "Head gates of a task with a long name after 12 epochs: 105 of 144 open"
    figure = head_map(grid(layers, heads), title)
    width, height = figure_to_image(figure).shape[1::-1]
    axes, bar = figure.axes
    texts = [*figure.texts, axes.xaxis.label, axes.yaxis.label, bar.yaxis.label]
    numbers = [t for t in axes.get_xticklabels() if t.get_text()]
    for text in [*texts, *numbers, *axes.get_yticklabels(), *bar.get_yticklabels()]:
        box = text.get_window_extent()
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, text
    boxes = [t.get_window_extent() for t in numbers]
    assert all(a.x1 < b.x0 for a, b in zip(boxes, boxes[1:], strict=False))
    label = axes.xaxis.label.get_window_extent()
    assert figure.texts[0].get_window_extent().y0 > label.y1


def test_size_follows_the_grid() -> None:
    small, wide = (figure_to_image(head_map(grid(*s), "t")).shape for s in ((12, 12), (12, 24)))
    assert wide[0] == small[0] and wide[1] - small[1] == pytest.approx(12 * 0.36 * 120, abs=2)


def test_cells_without_a_head_are_hatched() -> None:
    values = numpy.ones((2, 3))
    exists = numpy.array([[True, True, True], [True, False, False]])
    figure = head_map(values, "t", exists)
    hatched = [p for p in figure.axes[0].patches if isinstance(p, Rectangle)]
    assert [p.get_xy() for p in hatched] == [(1, 1), (2, 1)]
    assert "no such head" in figure.texts[-1].get_text()
    assert not head_map(values, "t").axes[0].patches


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="layers, heads"):
        head_map(numpy.ones(3), "t")
    with pytest.raises(ValueError, match="exists"):
        head_map(numpy.ones((2, 3)), "t", numpy.ones((3, 2), dtype=bool))


def test_files_are_the_same_every_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        paths = save_figure(head_map(grid(3, 4), "title"), tmp_path / name)
        assert [path.name for path in paths] == [f"{name}.png", f"{name}.svg"]
    for kind in ("png", "svg"):
        assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes()
    assert "date" not in (tmp_path / "one.svg").read_text()
    root = xml.etree.ElementTree.parse(tmp_path / "one.svg").getroot()
    assert root.tag.endswith("svg")


def test_a_stem_with_a_dot_keeps_it(tmp_path: Path) -> None:
    paths = save_figure(head_map(grid(1, 1), ""), tmp_path / "gates.pos")
    assert [path.name for path in paths] == ["gates.pos.png", "gates.pos.svg"]


def test_drawing_leaves_no_global_state() -> None:
    import matplotlib.pyplot as pyplot

    before = dict(matplotlib.rcParams)
    figure_to_image(head_map(grid(3, 4), "t"))
    assert pyplot.get_fignums() == []
    assert dict(matplotlib.rcParams) == before


def test_animation(tmp_path: Path) -> None:
    images = [figure_to_image(head_map(numpy.full((2, 2), v), f"{v}")) for v in (1.0, 0.5, 0.0)]
    images[1] = images[1][:-10]  # a smaller one is filled up
    write_animation(tmp_path / "one.gif", images)
    write_animation(tmp_path / "two.gif", iter(images))
    assert (tmp_path / "one.gif").read_bytes() == (tmp_path / "two.gif").read_bytes()
    with Image.open(tmp_path / "one.gif") as gif:
        assert gif.n_frames == 3  # type: ignore[attr-defined]
        assert gif.size == images[0].shape[1::-1]
        durations = []
        for frame in range(3):
            gif.seek(frame)
            durations.append(gif.info["duration"])
            pixels = numpy.asarray(gif.convert("L"))
            wanted = Image.fromarray(images[frame]).convert("L")
            height = min(images[frame].shape[0], pixels.shape[0])
            assert (pixels[:height] == numpy.asarray(wanted)[:height]).all()
    assert durations == [200, 200, 2000]


def test_animation_of_nothing() -> None:
    with pytest.raises(ValueError, match="at least one"):
        write_animation("never.gif", [])
