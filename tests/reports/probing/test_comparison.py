"""The files and the picture of compared probes."""

from __future__ import annotations

import csv
import io
import json
from itertools import pairwise
from pathlib import Path

import numpy
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from allennlp_heads.analysis.probing import compare_probes
from allennlp_heads.reports.figures import figure_to_image
from allennlp_heads.reports.probing import write_comparison
from allennlp_heads.reports.probing.comparison_tables import (
    comparison_csv,
    comparison_latex,
    comparison_markdown,
)
from allennlp_heads.reports.probing.strip import strip_figure
from tests.reports.probing.comparisons import comparison
from tests.reports.probing.results import names, probe_result
from tests.reports.probing.test_pictures import assert_apart, assert_inside
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
    rows = list(csv.DictReader(io.StringIO(comparison_csv({"pos": found}))))
    assert len(rows) == (11 + 3) * 4
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
    assert differences[2][2] == "0.010"
    assert differences[3][1].startswith(f"{100 * second.difference:+.1f} [")
    assert differences[4][2] == r"\< 0.001"  # of all items, without adjustment


def test_latex_is_escaped() -> None:
    text = comparison_latex({"pos": comparison(["a_b", "50%"], ["S&L", "b"])})
    assert r"a\_b" in text and r"50\%" in text and r"S\&L" in text and r"\textless{} 0.001" in text
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 2


def dashes(figure: Figure) -> list[Line2D]:
    return [line for line in figure.axes[0].lines if line.get_linewidth() == 2]


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


def test_names_of_the_strip_do_not_hide_each_other_and_it_is_grey() -> None:
    found = comparison(names(50), GROUPS)
    figure = strip_figure("pos", found)
    image = figure_to_image(figure)
    texts = figure.axes[0].texts
    assert len(texts) == 3 * 12
    assert_apart(texts)
    assert (image.max(axis=2) == image.min(axis=2)).all()
    low, high = figure.axes[0].get_ylim()
    assert all(low < text.get_position()[1] < high for text in texts)
