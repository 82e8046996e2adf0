"""The pictures of probes: what they show, nothing cut off, no name on another."""

from __future__ import annotations

from dataclasses import replace

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from allennlp_heads.analysis.probing.result import ProbeResult
from allennlp_heads.reports.figures import figure_to_image
from allennlp_heads.reports.markup import shown_name
from allennlp_heads.reports.probing.best_labels import best_labels_figure
from allennlp_heads.reports.probing.epochs import epochs_figure
from allennlp_heads.reports.probing.layers import layers_figure
from allennlp_heads.reports.probing.line_names import apart
from allennlp_heads.reports.probing.names import marks
from allennlp_heads.reports.probing.pictures import mean_figure, probe_figures
from allennlp_heads.reports.probing.scatter import scatter_figure
from allennlp_heads.reports.probing.sheet import sheet_figure
from tests.reports.drawn import assert_apart, assert_inside
from tests.reports.probing.results import ODD, names, probe_result

NAN = float("nan")


@pytest.mark.parametrize(("labels", "shape"), [(1, (6, 12)), (13, (2, 3)), (50, (12, 12))], ids=str)
def test_nothing_is_cut_off_at_any_size(labels: int, shape: tuple[int, int]) -> None:
    result = probe_result(names(labels), shape, items=max(40, 20 * labels))
    for figure in probe_figures("part-of-speech tags of a long name", result).values():
        assert_inside(figure)
        greys = figure_to_image(figure)
        assert (greys.max(axis=2) == greys.min(axis=2)).all()


@pytest.mark.parametrize("place", [(6, 12), (24, 16)], ids=str)
@pytest.mark.parametrize("crowded", [False, True])
def test_names_of_the_scatter_do_not_hide_each_other(place: tuple[int, int], crowded: bool) -> None:
    result = probe_result(names(55), place, items=1500)
    if crowded:  # many labels in few places, as where small data have them all right
        same = [
            replace(score, accuracy=1.0, layer=number % 2, head=number % 3)
            for number, score in enumerate(result.labels[:20])
        ]
        result = replace(result, labels=[*same, *result.labels[20:]])
    figure = scatter_figure("srl", result)
    figure_to_image(figure)
    texts = figure.axes[0].texts
    marked = [shown_name(s.label, 18) + marks(s, rare=False) for s in result.labels]
    assert [text.get_text() for text in texts] == marked
    assert sum("‡" in name for name in marked) == 1
    assert "‡ none to choose by" in figure.get_suptitle().replace("\n", " ")
    assert_apart(texts)


def test_names_of_one_dot_part() -> None:
    result = probe_result()
    one = [replace(score, accuracy=0.0, layer=1, head=2) for score in result.labels[:2]]
    figure = scatter_figure("dep", replace(result, labels=one))
    assert_apart(figure.axes[0].texts)
    assert figure.get_size_inches()[0] == 6, "without making the picture larger"


def test_dots_of_the_scatter_are_the_labels_heads() -> None:
    result = probe_result(names(9), (3, 4))
    labels = [replace(result.labels[0], accuracy=NAN), *result.labels[1:]]
    axes = scatter_figure("dep", replace(result, labels=labels)).axes[0]
    (dots,) = [found for found in axes.collections if isinstance(found, PathCollection)]
    shown = labels[1:]
    at = numpy.asarray(dots.get_offsets())
    assert at[:, 0].round().astype(int).tolist() == [score.layer + 1 for score in shown]
    assert numpy.allclose(at[:, 1], [100 * score.accuracy for score in shown])
    assert numpy.abs(at[:, 0] - at[:, 0].round()).max() <= 0.35
    hollow = [to_hex(colour) == "#ffffff" for colour in numpy.asarray(dots.get_facecolor())]
    assert hollow == [score.rare for score in shown]


def test_scatter_without_any_number_is_empty() -> None:
    result = probe_result()
    labels = [replace(score, accuracy=NAN) for score in result.labels]
    assert_inside(scatter_figure("dep", replace(result, labels=labels)))


def test_only_the_sixty_most_frequent_labels_are_in_the_scatter() -> None:
    result = probe_result(names(6), items=100)
    many = [replace(result.labels[n % 6], accuracy=n / 80, layer=n % 3) for n in range(80)]
    figure = scatter_figure("con", replace(result, labels=many))
    assert len(figure.axes[0].texts) == 60
    assert "60 most frequent of 80 labels" in figure.get_suptitle().replace("\n", " ")


def test_equal_results_give_equal_pictures() -> None:
    result = probe_result(names(14), (6, 12), items=300)
    one, other = (figure_to_image(scatter_figure("dep", result)) for _ in range(2))
    assert numpy.array_equal(one, other)


def test_sheet_has_a_panel_for_each_label_in_grey() -> None:
    result = probe_result(names(5), (3, 4))
    figure = sheet_figure("dep", result)
    image, (*panels, bar) = figure_to_image(figure), figure.axes
    assert len(panels) == 5 and bar.get_ylabel() == "accuracy"
    for place, (axes, score) in enumerate(zip(panels, result.labels)):
        name, numbers = axes.texts[0].get_text().split("\n")
        assert name.startswith(shown_name(score.label, 13)[:8])
        assert f"{score.layer + 1}.{score.head + 1}, n = {score.count}" in numbers
        assert name.endswith(marks(score))
        cells = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
        frames = {patch.get_xy() for patch in cells if not patch.get_fill()}
        assert frames == {(score.head, score.layer)}
        hatched = [patch.get_xy() for patch in cells if patch.get_hatch()]
        assert hatched == [(1, 0)]  # the head that is not there
        box = axes.get_window_extent()
        rows = image.shape[0] - box.y1 + (numpy.arange(3) + 0.5) * box.height / 3
        columns = box.x0 + (numpy.arange(4) + 0.5) * box.width / 4
        found = image[rows.astype(int)][:, columns.astype(int), 0] / 255
        there = result.exists
        assert numpy.abs(found - (1 - result.accuracy[place]))[there].max() < 0.01
    assert "hatched: no such head" in [text.get_text() for text in figure.texts]
    whole = sheet_figure("dep", replace(result, exists=numpy.ones_like(result.exists)))
    assert len(whole.texts) == 1


def test_mean_weighs_labels_by_frequency() -> None:
    result = probe_result(names(5), (3, 4))
    figure = mean_figure("dep", result)
    shown = figure.axes[0].collections[0].get_array()
    for layer, head in numpy.argwhere(result.exists):
        right = (result.counts * result.accuracy[:, layer, head]).sum()
        assert shown[layer, head] == pytest.approx(right / result.counts.sum())
    one = result.overall["one_head"]
    dots = [c for c in figure.axes[0].collections if isinstance(c, PathCollection)]
    assert one.layer is not None and one.head is not None
    assert dots[0].get_offsets().tolist() == [[one.head + 0.5, one.layer + 0.5]]


def cell_texts(figure: Figure) -> dict[tuple[int, int], list[str]]:
    found: dict[tuple[int, int], list[str]] = {}
    for text in figure.axes[0].texts:
        head, layer = text.get_position()
        found.setdefault((int(layer), int(head)), []).append(text.get_text())
    return found


def best_of(result: ProbeResult, layer: int, head: int) -> tuple[str, float]:
    """The label in which a head is furthest above the mean of those there are, and its accuracy."""
    known = [n for n, score in enumerate(result.labels) if not score.rare]
    ahead = {n: result.accuracy[n, layer, head] - numpy.nanmean(result.accuracy[n]) for n in known}
    best = max(known, key=lambda place: ahead[place])
    if ahead[best] <= 0:
        return "", 0.0
    return result.labels[best].label, float(result.accuracy[best, layer, head])


def test_each_cell_names_the_label_that_sets_its_head_apart() -> None:
    result = probe_result([*ODD[:3], "a", "b"], (3, 4), items=300)
    labels = [replace(score, rare=place == 1) for place, score in enumerate(result.labels)]
    accuracy = result.accuracy.copy()
    accuracy[1] = 1.0  # a rare label is best everywhere
    accuracy[0, 1:] = 1.0  # most heads do this one
    accuracy[:, 1, 2] = 0  # and one head does nothing
    result = replace(result, labels=labels, accuracy=accuracy)
    figure = best_labels_figure("dep", result)
    found = cell_texts(figure)
    there = [(int(layer), int(head)) for layer, head in numpy.argwhere(result.exists)]
    assert set(found) == {cell for cell in there if best_of(result, *cell)[0]}
    assert (1, 2) not in found
    for cell, texts in found.items():
        label, value = best_of(result, *cell)
        assert texts == [shown_name(label, 11), f"{100 * value:.1f}"]
    title = " ".join(figure.texts[0].get_text().split())
    assert "1 rare ones left out" in title and title.endswith("empty: in none")
    for text in figure.axes[0].texts:
        box, cell_width = text.get_window_extent(), figure.axes[0].bbox.width / 4
        assert box.width < cell_width


def test_lines_are_the_best_head_of_each_layer() -> None:
    result = probe_result(names(12), (3, 4), items=600)
    axes = layers_figure("dep", result).axes[0]
    lines = [line for line in axes.lines if numpy.array_equal(line.get_xdata(), [1, 2, 3])]
    assert len(lines) == 8
    best = numpy.where(result.exists, result.accuracy, -1).max(axis=2)
    for line, row in zip(lines, best):
        assert line.get_xdata().tolist() == [1, 2, 3]
        assert numpy.allclose(line.get_ydata(), 100 * row)
    own = [line for line in axes.lines if len(line.get_xdata()) == 1]
    assert [m.get_xdata()[0] for m in own] == [s.layer + 1 for s in result.labels[:8]]
    assert [text.get_text() for text in axes.texts] == [
        shown_name(score.label, 20) + marks(score) for score in result.labels[:8]
    ]
    assert_apart(axes.texts)
    pieces = [line for line in axes.lines if line.get_xdata()[0] > 3.2]
    for line, piece, text in zip(lines, pieces, axes.texts, strict=True):
        assert piece.get_marker() == line.get_marker() and piece.get_color() == line.get_color()
        assert piece.get_ydata()[0] == text.get_position()[1]


@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=12),
    st.floats(0.5, 8),
)
def test_names_stay_apart_inside_and_in_their_order(wanted: list[float], least: float) -> None:
    places = apart(wanted, least, 0, 100)
    order = numpy.argsort(wanted, kind="stable")
    assert (numpy.diff(places[order]) >= least - 1e-6).all()
    assert places.min() >= -1e-6 and places.max() <= 100 + 1e-6
    if (numpy.diff(numpy.sort(wanted)) >= least).all():
        assert numpy.allclose(places, wanted)


def test_names_share_what_room_there_is() -> None:
    assert apart([5.0, 5.0, 5.0], 2, 0, 100).tolist() == [3, 5, 7]
    assert apart([50, 0.0, 0.0], 2, 0, 100).tolist() == [50, 0, 2]
    assert len(apart([], 2, 0, 100)) == 0


def test_layers_without_heads_are_gaps() -> None:
    result = probe_result(names(3), (3, 4))
    exists, accuracy = result.exists.copy(), result.accuracy.copy()
    exists[1], accuracy[:, 1] = False, NAN
    figure = layers_figure("dep", replace(result, exists=exists, accuracy=accuracy))
    assert numpy.isnan(figure.axes[0].lines[0].get_ydata()).tolist() == [False, True, False]


def test_epochs_count_from_one_and_labels_that_come_and_go_are_gaps() -> None:
    results = [replace(probe_result(seed=n), epoch=epoch) for n, epoch in enumerate((0, 1, 4))]
    gone = results[-1].labels[0].label
    kept = [score for score in results[1].labels if score.label != gone]
    results[1] = replace(results[1], labels=kept)
    figure = epochs_figure("dep", results)
    assert_inside(figure)
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    assert lines["all items"].get_xdata().tolist() == [1, 2, 5]
    wanted = [100 * result.overall["weighted"].accuracy for result in results]
    assert numpy.allclose(lines["all items"].get_ydata(), wanted)
    assert numpy.isnan(lines[gone].get_ydata()).tolist() == [False, True, False]
    named = [text.get_text() for text in figure.axes[0].texts]
    baselines = ["random head", "best offset", "majority", "control task"]
    assert named[:5] == ["all items", *(f"baseline: {name}" for name in baselines)]
    assert set(named[5:]) == {score.label for score in results[-1].labels}
    assert_apart(figure.axes[0].texts)
    assert "grey band" in figure.get_suptitle().replace("\n", " ")


def test_pictures_say_where_heads_were_chosen() -> None:
    result = probe_result()
    for options, words in (({}, "other data"), ({"held_out": False}, "the scored items")):
        for draw in (sheet_figure, scatter_figure, layers_figure, best_labels_figure):
            figure = draw("dep", replace(result, options=options))
            title = figure.get_suptitle() or figure.texts[0].get_text()
            assert f"chosen on {words}" in " ".join(title.split())
