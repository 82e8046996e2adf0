"""The section on compared probes."""

from __future__ import annotations

from pathlib import Path

import pytest

from allennlp_heads.reports.page.blocks import Chart, Section, Table
from allennlp_heads.reports.page.run_folder import read_run
from allennlp_heads.reports.page.sections.probe_comparison import across
from allennlp_heads.reports.probing.comparison import write_comparison
from tests.reports.page.sections.looking import blocks_of, cells, only
from tests.reports.page.specimens import without_pictures
from tests.reports.probing.comparisons import comparison


def section_of(out: Path, labels: list[str], groups: list[str], runs: int = 2) -> Section:
    with without_pictures():
        write_comparison(out, {"dep": comparison(labels, groups, runs)}, {})
    return only(across([read_run(str(out))]))


def test_each_label_has_its_difference(tmp_path: Path) -> None:
    labels, groups = ["nsubj", "obj", "det"], ["static", "dep", "all"]
    section = section_of(tmp_path, labels, groups)
    found = comparison(labels, groups)
    whole, by_label = blocks_of(section, Table)
    assert cells(whole, "group") == [group for group in groups for _ in range(3)]
    assert cells(by_label, "label") == [label for label in labels for _ in groups]
    (chart,) = blocks_of(section, Chart)
    drawn = {(row["category"], row["series"]): row["value"] for row in chart.spec["data"]["values"]}
    assert drawn == {
        (label, group): pytest.approx(100 * score.against.difference)
        for group in groups[1:]
        for label, score in zip(labels, found.by_label[group])
        if score.against is not None
    }
    starred = [text.endswith("*") for text in cells(by_label, "difference")]
    assert starred == [False, True, True, *[False] * 6]
    assert cells(by_label, "p")[:3] == ["–", "0.01", "0.01"]


def test_a_chart_of_the_most_frequent_labels_only(tmp_path: Path) -> None:
    labels = [f"label{place}" for place in range(80)]
    section = section_of(tmp_path, labels, ["static", "dep"], runs=1)
    (chart,) = blocks_of(section, Chart)
    assert "20 most frequent labels" in chart.title
    assert [row["category"] for row in chart.spec["data"]["values"]] == labels[:20]
    whole, by_label = blocks_of(section, Table)
    assert len(by_label.rows) == 160 and "†" in by_label.caption
    assert "±" not in "".join(cells(by_label, "accuracy"))


def test_one_group_has_nothing_to_compare(tmp_path: Path) -> None:
    section = section_of(tmp_path, ["nsubj"], ["static"])
    assert not blocks_of(section, Chart)
    assert set(cells(blocks_of(section, Table)[0], "difference")) == {"–"}
