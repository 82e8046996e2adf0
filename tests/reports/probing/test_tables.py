"""The tables of probes."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest

from allennlp_heads.reports.markup import latex_text, markdown_text, percent
from allennlp_heads.reports.probing.tables import csv_table, latex_tables, markdown_tables
from tests.reports.probing.results import names, probe_result


def markdown_cells(text: str) -> list[list[str]]:
    """Cells of the lines of a table: what is between bars that are not escaped."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_names_of_any_kind_stay_in_their_cell() -> None:
    assert markdown_text("a|b_c*`<x>\n$") == r"a\|b\_c\*\`\<x\> \$"
    assert latex_text("50% of $a_b & #1 {~^\\}") == (
        r"50\% of \$a\_b \& \#1 \{\textasciitilde{}\textasciicircum{}\textbackslash{}\}"
    )
    assert latex_text("`<a|b>`") == (
        r"\textasciigrave{}\textless{}a\textbar{}b\textgreater{}\textasciigrave{}"
    )


@pytest.mark.parametrize(
    ("value", "text"), [(0.1234, "12.3"), (1.0, "100.0"), (None, "–"), (float("nan"), "–")]
)
def test_percent(value: float | None, text: str) -> None:
    assert percent(value) == text


def test_markdown_has_a_row_for_each_label_with_all_that_belongs_beside_it() -> None:
    result = probe_result(names(11), items=300)
    cells = markdown_cells(markdown_tables({"dep": result}))
    assert {len(row) for row in cells} == {9}
    assert cells[0][:4] == ["label", "items", "head", "accuracy"]
    assert len(cells) == 2 + len(result.labels) + 3
    for score, row in zip(result.labels, cells[2:]):
        assert row[0].startswith(markdown_text(score.label))
        assert ("†" in row[0]) == score.rare
        assert ("‡" in row[0]) == (score.chosen_on == "all labels")
        assert row[1] == str(score.count)
        assert row[2].split()[0] == f"{score.layer + 1}.{score.head + 1}"
        assert ("(60 %)" in row[2]) == (score.share < 1)
        numbers = [100 * value for value in (score.accuracy, score.low, score.high)]
        assert row[3] == "{:.1f} [{:.1f}, {:.1f}]".format(*numbers)
        offset = "root" if score.offset == "root" else f"{score.offset:+d}"
        assert row[5] == f"{percent(score.offset_accuracy)} ({offset})"
        beside = (score.random_head, score.majority, score.random_weights, score.control)
        assert [row[4], *row[6:]] == [percent(value) for value in beside]
    assert any(score.rare for score in result.labels)
    one = result.overall["one_head"]
    assert one.layer is not None and one.head is not None
    assert cells[-1][2] == f"{one.layer + 1}.{one.head + 1}"


def test_marks_are_explained_only_where_they_are() -> None:
    result = probe_result()
    plain = [replace(s, rare=False, share=1.0, chosen_on="label") for s in result.labels]
    text = markdown_tables({"dep": replace(result, labels=plain, tree=None, notes={})})
    assert not set("†‡") & set(text) and "Trees" not in text and "folds" not in text
    text = markdown_tables({"dep": replace(result, options={"held_out": False})})
    assert "Transductive" in text and "42.0 [40.0, 44.0] % of 900 words" in text
    assert "the one before it 30.0, under the one after it 25.0." in text
    assert "- 12 arcs left out: their head is ROOT" in text


def test_columns_that_no_probe_fills_are_left_out() -> None:
    cells = markdown_cells(markdown_tables({"pos": probe_result(kind="tagger")}))
    assert "best offset" not in cells[0] and {len(row) for row in cells} == {8}


def test_csv_counts_from_one_and_keeps_every_number() -> None:
    result = probe_result(names(11), items=300)
    rows = list(csv.DictReader(io.StringIO(csv_table({"dep": result, "b": result}))))
    assert len(rows) == 2 * (len(result.labels) + 3)
    for score, row in zip(result.labels, rows):
        assert (row["task"], row["kind"], row["row"]) == ("dep", "dependency", "label")
        assert row["label"] == score.label and int(row["count"]) == score.count
        assert (int(row["layer"]), int(row["head"])) == (score.layer + 1, score.head + 1)
        assert float(row["accuracy"]) == pytest.approx(score.accuracy, abs=1e-6)
        assert row["offset"] == str(score.offset)
        assert (row["control"] == "") == (score.control is None)
        assert row["rare"] == str(score.rare).lower()
    whole = rows[len(result.labels)]
    assert (whole["row"], whole["label"], int(whole["count"])) == ("weighted", "", 300)


def test_latex_is_whole_and_escaped() -> None:
    result = probe_result(names(11), items=300)
    text = latex_tables({"dep": result})
    body = [line for line in text.splitlines() if line and not line.startswith("%")]
    assert body[0] == r"\begin{tabular}{lrrrrrrrr}" and body[-1] == r"\end{tabular}"
    rows = [line for line in body if line.endswith(r"\\") and "hline" not in line]
    assert len(rows) == len(result.labels) + 3
    for line in rows:
        assert len(re.findall(r"(?<!\\)&", line)) == 8
        assert not re.search(r"(?<!\\)[%#_]", line)
    assert rows[0].startswith(latex_text(result.labels[0].label))
