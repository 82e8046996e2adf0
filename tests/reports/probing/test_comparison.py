"""The files and the picture of compared probes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from allennlp_heads.analysis.probing import GroupScore, ProbeComparison, compare_probes
from allennlp_heads.reports.figures import figure_to_image
from allennlp_heads.reports.probing.comparison import write_comparison
from allennlp_heads.reports.probing.comparison_tables import (
    comparison_csv,
    comparison_latex,
    comparison_markdown,
)
from allennlp_heads.reports.probing.strip import strip_figure
from tests.reports.drawn import assert_apart, assert_inside
from tests.reports.probing.comparisons import comparison
from tests.reports.probing.results import names, probe_result
from tests.reports.probing.test_tables import markdown_cells

GROUPS = ["STL", "static", "pos+dep", "a group with a very long name"]


def test_files(tmp_path: Path) -> None:
    runs = {name: [probe_result(seed=0)] for name in ("STL", "static")}
    found = {"dep": compare_probes(runs, "STL", rounds=50), "a/b": comparison(names(3), GROUPS)}
    written = write_comparison(tmp_path / "1", found, {"runs": {"STL": ["x"]}}, seed=3)
    stem = "probe_comparison"
    pictures = {f"{stem}.{task}.{kind}" for task in ("dep", "a_b") for kind in ("png", "svg")}
    assert set(written) == pictures | {f"{stem}.{kind}" for kind in ("json", "md", "csv", "tex")}
    assert set(written) == {path.name for path in (tmp_path / "1").iterdir()}
    report = json.loads((tmp_path / "1" / f"{stem}.json").read_text())
    assert report["schema"] == {"name": stem, "version": 1}
    assert (report["seed"], report["runs"], report["files"]) == (3, {"STL": ["x"]}, written)
    dep = report["tasks"]["dep"]
    assert dep["reference"] == "STL" and dep["by_label"]["STL"][0]["against"] is None
    assert dep["by_label"]["static"][0]["against"]["difference"] == 0
    write_comparison(tmp_path / "2", found, {"runs": {"STL": ["x"]}}, seed=3)
    for name in written:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name


def test_a_group_alone_has_no_picture(tmp_path: Path) -> None:
    names_of = write_comparison(tmp_path, {"pos": comparison(["a"], ["STL"], runs=1)}, {})
    assert not [name for name in names_of if name.endswith("png")]


def test_csv_has_every_label_and_group() -> None:
    found = comparison(names(11), GROUPS)
    found = replace(found, rare=[False, True] + 9 * [False])
    rows = list(csv.DictReader(io.StringIO(comparison_csv({"pos": found}))))
    assert len(rows) == (11 + 3) * 4
    assert {row["label"] for row in rows if row["rare"] == "true"} == {found.labels[1]}
    assert {row["rare"] for row in rows if row["row"] != "label"} == {""}
    score = found.by_label["static"][1]
    assert score.against is not None
    row = next(row for row in rows if row["label"] == found.labels[1] and row["group"] == "static")
    assert float(row["mean"]) == pytest.approx(score.mean, abs=1e-6)
    assert float(row["difference"]) == pytest.approx(score.against.difference, rel=1e-4)
    assert (row["p_value_holm"], row["runs"], row["reference"]) == ("0.5", "2", "STL")
    assert all(row["difference"] == "" for row in rows if row["group"] == "STL")


def test_markdown_has_accuracies_then_differences() -> None:
    found = comparison(["a|b", "b"], GROUPS[:2])
    cells = markdown_cells(comparison_markdown({"pos": found}))
    means, differences = cells[:7], cells[7:]
    assert means[0] == ["accuracy", "items", "STL", "static"]
    assert differences[0] == ["difference to STL", "static", "p"]
    assert means[2][0] == r"a\|b" and " ± 0.7" in means[2][2]
    first, second = (found.by_label["static"][place].against for place in range(2))
    assert first is not None and second is not None
    assert differences[2][1].startswith(f"{100 * first.difference:+.1f}\\* [")
    assert differences[2][2] == "0.01"
    assert differences[3][1].startswith(f"{100 * second.difference:+.1f} [")
    assert differences[4][2] == "0.0004"  # of all items, without adjustment


def test_latex_is_escaped() -> None:
    text = comparison_latex({"pos": comparison(["a_b", "50%"], ["S&L", "b"])})
    assert r"a\_b" in text and r"50\%" in text and r"S\&L" in text
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 2


def test_labels_with_few_items_are_marked_where_there_are_some() -> None:
    found = replace(comparison(["often", "seldom"], GROUPS[:2]), rare=[False, True])
    for table, mark in ((comparison_markdown, " †"), (comparison_latex, r"$^\dagger$")):
        text = table({"pos": found})
        assert text.count(f"seldom{mark}") == 2 and f"often{mark}" not in text
        assert "†: few scored items." in text
        assert "†" not in table({"pos": replace(found, rare=[False, False])})


def dashes(figure: Figure, color: str = "") -> list[Line2D]:
    """Of one color, or all that are no inside of a hollow one."""
    lines = [line for line in figure.axes[0].lines if line.get_solid_capstyle() == "butt"]
    if color:
        return [line for line in lines if line.get_color() == color]
    return [line for line in lines if line.get_color() != "white"]


@pytest.mark.parametrize("labels", [1, 12, 50])
def test_dashes_are_labels(labels: int) -> None:
    found = comparison(names(labels), GROUPS)
    figure = strip_figure("pos", found)
    assert_inside(figure)
    lines = dashes(figure)
    assert len(lines) == 3 * labels
    for place, name in enumerate(GROUPS[1:]):
        column = lines[place * labels : (place + 1) * labels]
        ends = numpy.array([line.get_xdata() for line in column])
        lengths = ends[:, 1] - ends[:, 0]
        assert all(longer >= shorter for longer, shorter in pairwise(lengths))
        assert ends.min() > place - 0.5 and ends.max() < place + 0.5
        for line, score in zip(column, found.by_label[name]):
            test = score.against
            assert test is not None and test.adjusted is not None
            assert line.get_ydata()[0] == pytest.approx(100 * test.difference)
            assert (line.get_color() == "black") == (test.adjusted < 0.05)
    zero = figure.axes[0].lines[0]
    assert zero.get_linestyle() == "--" and list(zero.get_ydata()) == [0, 0]


def significant(found: ProbeComparison, chosen: Callable[[int], bool]) -> ProbeComparison:
    """With these labels significant in every group."""

    def changed(score: GroupScore, place: int) -> GroupScore:
        if score.against is None:
            return score
        p_value = 0.001 if chosen(place) else 0.5
        return replace(score, against=replace(score.against, adjusted=p_value))

    by_label = {
        name: [changed(score, place) for place, score in enumerate(scores)]
        for name, scores in found.by_label.items()
    }
    return replace(found, by_label=by_label)


def test_dashes_of_few_items_are_hollow() -> None:
    found = replace(comparison(names(4), GROUPS[:2]), rare=[True, False, True, False])
    figure = strip_figure("pos", found)
    inside = dashes(figure, "white")
    heights = [100 * found.by_label["static"][place].against.difference for place in (0, 2)]
    assert [line.get_ydata()[0] for line in inside] == pytest.approx(heights)
    for line, outer in zip(inside, (dashes(figure)[0], dashes(figure)[2])):
        (left, right), (first, last) = numpy.array([outer.get_xdata(), line.get_xdata()])
        assert left < first < last < right and line.get_linewidth() < outer.get_linewidth()
    assert "hollow: few items" in " ".join(figure.get_suptitle().split())
    few = strip_figure("pos", replace(found, rare=[False] * 4))
    assert not dashes(few, "white") and "hollow" not in few.get_suptitle()


def assert_readable(figure: Figure) -> None:
    """Names hide neither each other nor the line of no difference, nor leave the axes."""
    axes = figure.axes[0]
    figure_to_image(figure)
    assert_apart(axes.texts)
    frame = axes.get_window_extent()
    zero = axes.transData.transform((0, 0))[1]
    diamonds = [line.get_window_extent() for line in axes.lines if line.get_marker() == "D"]
    for text in axes.texts:
        box = text.get_window_extent()
        assert frame.x0 < box.x0 and box.x1 < frame.x1 and frame.y0 < box.y0 and box.y1 < frame.y1
        assert not box.y0 < zero < box.y1
        assert not any(box.overlaps(diamond) for diamond in diamonds)


@pytest.mark.parametrize("seed", range(4))
def test_names_of_the_strip_do_not_hide_each_other_and_it_is_grey(seed: int) -> None:
    figure = strip_figure("pos", comparison(names(50), GROUPS, seed=seed))
    image = figure_to_image(figure)
    assert len(figure.axes[0].texts) == 3 * 12
    assert (image.max(axis=2) == image.min(axis=2)).all()
    assert_readable(figure)


@pytest.mark.parametrize("labels", [20, 60])
def test_every_black_dash_has_its_name(labels: int) -> None:
    known = [f"ARGM-LABEL{place}" for place in range(labels)]
    every_third = significant(comparison(known, GROUPS), lambda place: place % 3 == 2)
    figure = strip_figure("srl", every_third)
    assert_readable(figure)
    expected = {*known[:12], *known[2::3]}
    assert [text.get_text() for text in figure.axes[0].texts if text.get_color() == "black"]
    assert len(figure.axes[0].texts) == 3 * len(expected)
    assert {text.get_text() for text in figure.axes[0].texts} == expected
    black = {text.get_text() for text in figure.axes[0].texts if text.get_color() == "black"}
    assert black == {*known[2::3]}
    every = strip_figure("srl", significant(every_third, lambda place: True))
    assert_readable(every)
    assert len(every.axes[0].texts) == 3 * labels
    assert labels == 20 or every.get_figheight() > figure.get_figheight()


def test_too_many_names_leave_the_least_frequent_grey_ones() -> None:
    known = [f"label{place}" for place in range(120)]
    figure = strip_figure("pos", significant(comparison(known, GROUPS[:2]), lambda at: at >= 12))
    assert_readable(figure)
    assert figure.get_figheight() < 12
    shown = {text.get_text() for text in figure.axes[0].texts}
    assert 60 < len(shown) < 108 and shown == {*known[12 : 12 + len(shown)]}
