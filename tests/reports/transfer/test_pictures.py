"""The pictures of transfer: what they show, nothing cut off, no text on another."""

from __future__ import annotations

from itertools import combinations

import numpy
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from scipy.stats import spearmanr

from allennlp_heads.analysis.transfer import LayerMap
from allennlp_heads.reports.figures import figure_to_image
from allennlp_heads.reports.transfer.graph import graph_figure, nearest, spring_places
from allennlp_heads.reports.transfer.heat import Shades, Side, heat_map
from allennlp_heads.reports.transfer.marks import class_marks
from allennlp_heads.reports.transfer.order import task_order
from allennlp_heads.reports.transfer.pictures import (
    gain_picture,
    given_by_true,
    layer_picture,
    rank_picture,
    similarity_picture,
)
from allennlp_heads.reports.transfer.violins import violin_figure
from tests.reports.drawn import assert_apart, assert_inside, texts_of
from tests.reports.transfer.made import CLASSES, class_of

NAN = float("nan")
MANY = 33


def tasks_of(number: int) -> list[str]:
    return [f"{'long-name-of-a-' * (place % 5 == 0)}task-{place}" for place in range(number)]


def classes_of(number: int) -> list[str]:
    return [class_of(place, number) for place in range(number)]


def table(number: int, seed: int = 0) -> numpy.ndarray:
    values = numpy.random.default_rng(seed).uniform(-1, 1, (number, number))
    values[0, 1] = NAN
    values[numpy.arange(number), numpy.arange(number)] = NAN
    return values


def in_order(figure: Figure) -> None:
    assert_inside(figure)
    assert_apart(texts_of(figure))


def test_maps_have_room_for_all() -> None:
    tasks, groups = tasks_of(MANY), classes_of(MANY)
    figure = gain_picture(tasks, groups, 3 * table(MANY), "gains of tasks " * 6)
    in_order(figure)
    shown = [text.get_text() for text in texts_of(figure)]
    assert shown.count("–") == 1 and all(shown.count(name) == 1 for name in CLASSES)


def test_the_other_maps_have_room() -> None:
    tasks, groups = tasks_of(12), classes_of(12)
    in_order(similarity_picture(tasks, groups, numpy.abs(table(12)), "similarities"))
    in_order(rank_picture(tasks, groups, table(12), table(12, 1), "ranks"))
    half = numpy.full((2, 1), 0.5)
    found = LayerMap([0, 2], ["layer_output"], half, half, half, 0.4)
    figure = layer_picture(found, "layers")
    in_order(figure)
    assert {"layer output", "1", "3", "50.0"} <= {text.get_text() for text in texts_of(figure)}


def test_small_maps_and_maps_of_nothing() -> None:
    pair = numpy.array([[NAN, 0.2], [NAN, NAN]])
    for figure in (
        gain_picture(["a", "b"], ["x", "y"], pair, "two"),
        similarity_picture(["a", "b"], [], numpy.full((2, 2), NAN), "none"),
        rank_picture(["a", "b"], ["x", "x"], pair, pair, "two"),
    ):
        in_order(figure)
    assert Shades.diverging(numpy.full((2, 2), NAN), "").high == 1
    assert Shades.grey(numpy.zeros((2, 2)), "").high > Shades.grey(numpy.zeros((2, 2)), "").low


def test_gains_carry_their_sign_and_zero_is_white() -> None:
    gains = numpy.array([[NAN, 0.121, -0.1213], [0.0, NAN, -0.0001], [0.5, NAN, NAN]])
    figure = gain_picture(["a", "b", "c"], ["x"] * 3, gains, "gains")
    shown = [text.get_text() for text in texts_of(figure)]
    assert {"+12", "\N{MINUS SIGN}12", "+50", "–"} <= set(shown) and shown.count("0") >= 2
    shades = Shades.diverging(100 * gains, "")
    assert shades.low == -shades.high
    cells = numpy.asarray(figure.axes[0].get_images()[0].get_array())
    assert (cells[1, 0, :3] > 0.95).all(), "zero"
    assert (cells[0, 0] == 1).all(), "its own source"
    red, blue = cells[0, 2], cells[0, 1]
    assert red[0] > red[2] and blue[2] > blue[0]


def test_few_large_gains_do_not_whiten_the_others() -> None:
    values = numpy.append(numpy.full(99, 2.0), 500.0)
    assert Shades.diverging(values, "").high == pytest.approx(2)
    assert Shades.diverging(numpy.append(numpy.zeros(99), 5.0), "").high == 5


def test_maps_of_similarity_are_grey_and_ink_shows_on_every_shade() -> None:
    figure = similarity_picture(["a", "b", "c"], [], numpy.linspace(0, 1, 9).reshape(3, 3), "t")
    pixels = figure_to_image(figure)
    assert (pixels.max(axis=2) == pixels.min(axis=2)).all()
    values = numpy.array([[0.0, 0.4, 0.6, 1.0]])
    texts = [["a", "b", "c", "d"]]
    side = Side(list("abcd"))
    drawn = heat_map(values, texts, Side(["row"]), side, Shades("binary", 0, 1, "x"), "t")
    inks = {t.get_text(): to_rgb(t.get_color())[0] for t in drawn.axes[0].texts}
    assert inks == {"a": 0, "b": 0, "c": 1, "d": 1}


def test_similarities_close_to_one_have_another_digit() -> None:
    close = numpy.array([[1, 0.991], [0.991, 1]])
    shown = [text.get_text() for text in texts_of(similarity_picture(["a", "b"], [], close, ""))]
    assert shown.count("99.1") >= 2


def test_ranks_given_in_the_order_of_true_ones() -> None:
    performance = numpy.array([[NAN, 50.0], [40.0, NAN], [60.0, 70.0], [50.0, NAN]])
    scores = numpy.array([[NAN, 2.0], [3.0, NAN], [1.0, 2.0], [NAN, NAN]])
    given = given_by_true(scores, performance)
    # of the first target: source 2 is best and ranked second, source 3 has no score
    expected = [[2.0, NAN, 1.0], [1.5, 1.5, NAN]]
    numpy.testing.assert_array_equal(given, expected)


def test_equal_truths_share_the_ranks_given_to_them() -> None:
    performance = numpy.array([[65.0], [65.0], [65.0], [50.0]])
    given = given_by_true(numpy.array([[4.0], [3.0], [1.0], [2.0]]), performance)
    numpy.testing.assert_allclose(given, [[7 / 3] * 3 + [3.0]])


def test_a_missing_candidate_is_not_as_white_as_the_first() -> None:
    performance = numpy.array([[NAN, 50.0], [40.0, NAN], [60.0, NAN]])
    figure = rank_picture(["a", "b"], ["x", "x"], performance, performance, "ranks")
    assert sum(patch.get_hatch() is not None for patch in figure.axes[0].patches) == 1


def test_small_gains_are_not_rounded_to_nothing() -> None:
    gains = numpy.array([[NAN, 0.0032], [0.5, NAN]])
    shown = [text.get_text() for text in texts_of(gain_picture(["a", "b"], ["x"] * 2, gains, ""))]
    assert {"+0.3", "+50"} <= set(shown)


def test_violins_have_room_and_show_what_they_should() -> None:
    number = 12
    tasks, groups = tasks_of(number), classes_of(number)
    performance = 50 + 30 * table(number)
    baseline = numpy.full(number, 50.0)
    baseline[3] = NAN
    chosen = [None, *range(number - 1)]
    classes = dict(zip(tasks, groups))
    figure = violin_figure(tasks, classes, performance, baseline, chosen, "violins " * 30)
    in_order(figure)
    dots = [one for one in figure.axes[0].collections if isinstance(one, PathCollection)]
    points = [len(dot.get_offsets()) for dot in dots if dot.get_sizes()[0] < 50]
    assert sum(points) == number * (number - 1) - 1
    stars = [dot for dot in dots if dot.get_sizes()[0] > 50]
    # the first target has no choice, and what is chosen for the second is not measured
    assert len(stars) == number - 2
    place, score = stars[0].get_offsets()[0].tolist()[::-1]
    assert (place, score) == (2, performance[1, 2])
    strokes = [line for line in figure.axes[0].lines if line.get_linewidth() == 2]
    assert len(strokes) == number - 1


def test_violins_of_equal_and_of_no_scores() -> None:
    performance = numpy.full((3, 3), 20.0)
    performance[:, 2] = NAN
    classes = dict.fromkeys("abc", "one")
    figure = violin_figure(list("abc"), classes, performance, numpy.zeros(3), [1, 0, None], "t")
    in_order(figure)
    bodies = [one for one in figure.axes[0].collections if not isinstance(one, PathCollection)]
    assert not bodies, "no density of one number"


def test_names_in_the_graph_hide_neither_each_other_nor_a_dot() -> None:
    tasks, groups = tasks_of(MANY), classes_of(MANY)
    similarity = numpy.abs(table(MANY))
    figure = graph_figure(tasks, dict(zip(tasks, groups)), similarity + similarity.T, "graph " * 9)
    in_order(figure)
    axes = figure.axes[0]
    dots = axes.transData.transform(spring_places(MANY, nearest(similarity + similarity.T), 0))
    boxes = [text.get_window_extent() for text in axes.texts]
    assert len(boxes) == MANY
    assert not any(box.contains(*dot) for box in boxes for dot in dots)


def test_graphs_of_little() -> None:
    for number, similarity in ((2, numpy.ones((2, 2))), (3, numpy.full((3, 3), NAN))):
        tasks = tasks_of(number)
        in_order(graph_figure(tasks, dict.fromkeys(tasks, "one"), similarity, "little"))


def test_nearest_against_plain_loops() -> None:
    draw = numpy.random.default_rng(1)
    similarity = draw.random((9, 9))
    similarity = similarity + similarity.T
    similarity[2, 5] = similarity[5, 2] = NAN
    similarity[8] = similarity[:, 8] = NAN
    wanted = set()
    for one in range(8):
        others = [n for n in range(8) if n != one and not numpy.isnan(similarity[one, n])]
        first = sorted(others, key=lambda n: -similarity[one, n])[:3]
        wanted |= {(min(one, n), max(one, n)) for n in first}
    found = nearest(similarity)
    assert {(one, other) for one, other, _ in found} == wanted
    assert all(0 <= strength <= 1 for *_, strength in found)
    assert max(strength for *_, strength in found) == 1
    assert not numpy.isnan(similarity[0, 0]), "left as it was"


def test_the_layout_is_repeatable_and_joins_what_is_alike() -> None:
    similarity = numpy.kron(numpy.eye(3), numpy.ones((4, 4)))
    similarity[similarity == 0] = NAN
    places = spring_places(12, nearest(similarity), seed=3)
    assert (places == spring_places(12, nearest(similarity), seed=3)).all()
    assert (numpy.abs(places) <= 1 + 1e-12).all()
    apart = numpy.linalg.norm(places[:, None] - places[None], axis=2)
    same = numpy.kron(numpy.eye(3), numpy.ones((4, 4))) > 0
    assert apart[same].mean() < 0.5 * apart[~same].mean()


def test_few_tasks_lie_as_near_as_they_are_alike() -> None:
    """With a scale for each direction the two most alike tasks here came to lie far apart."""
    pairs = {(0, 1): 0.71, (0, 2): 0.54, (0, 3): 0.36, (1, 2): 0.44, (1, 3): 0.38, (2, 3): 0.41}
    similarity = numpy.eye(4)
    for (one, other), value in pairs.items():
        similarity[one, other] = similarity[other, one] = value
    places = spring_places(4, nearest(similarity), seed=0)
    apart = [numpy.linalg.norm(places[one] - places[other]) for one, other in pairs]
    assert spearmanr(apart, list(pairs.values())).statistic < -0.8


def test_order_by_class_and_by_cluster() -> None:
    classes = {"a": "x", "b": "y", "c": "x", "d": "y"}
    similarity = numpy.full((4, 4), 0.1)
    similarity[0, 3] = similarity[3, 0] = similarity[1, 2] = similarity[2, 1] = 0.9
    assert task_order("abcd", classes, similarity) == [0, 2, 1, 3]
    clustered = task_order("abcd", classes, similarity, "clustered")
    assert {frozenset(clustered[:2]), frozenset(clustered[2:])} == {
        frozenset({0, 3}),
        frozenset({1, 2}),
    }
    assert sorted(task_order("abcd", classes, numpy.full((4, 4), NAN), "clustered")) == [0, 1, 2, 3]
    assert task_order("ab", classes, similarity[:2, :2], "clustered") == [0, 1]


def test_marks_differ_in_shape_and_in_grey() -> None:
    marks = class_marks([*CLASSES, "classification"])
    assert list(marks) == list(CLASSES) and len({mark.shape for mark in marks.values()}) == 3
    greys = [numpy.dot(to_rgb(mark.colour), [0.2126, 0.7152, 0.0722]) for mark in marks.values()]
    assert all(abs(one - other) > 0.07 for one, other in combinations(greys, 2))
    assert len(class_marks(map(str, range(40)))) == 40
