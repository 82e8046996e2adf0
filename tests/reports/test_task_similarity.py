"""Dissociation beside a similarity: reading both, the test, and the files."""

from __future__ import annotations

import json
import logging
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports import write_report
from allennlp_heads.reports.dissociation import SCHEMA, VERSION
from allennlp_heads.reports.similarity_file import read_similarity
from allennlp_heads.reports.task_similarity import (
    measure_similarity,
    similarity_figure,
    summary,
    write_similarity,
)

D = {("a", "b"): 1.0, ("a", "c"): 4.0, ("a", "d"): 9.0, ("b", "c"): 3.0, ("b", "d"): 7.0}
D[("c", "d")] = 6.0
TABLE = """task,a,b,c,d
a,1,0.9,0.6,0.1
b,0.9,1,0.7,0.3
c,0.6,0.7,1,0.5
d,0.1,0.3,0.5,1
"""


def dissociation(folder: Path, pairs: dict[Any, float | None], alphas=(0.3,)) -> str:
    """What of a dissociation report is read here; D grows with alpha."""
    results = [
        {
            "alpha": alpha,
            "pairs": [
                {"tasks": list(pair), "d": None if d is None else d * (1 + place)}
                for pair, d in pairs.items()
            ],
        }
        for place, alpha in enumerate(alphas)
    ]
    write_report(folder / "heads" / "dissociation.json", SCHEMA, VERSION, {"results": results})
    return str(folder)


def table(folder: Path, text: str = TABLE, name: str = "similarity.csv") -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def test_a_table_and_json_say_the_same(tmp_path: Path) -> None:
    wanted = read_similarity(table(tmp_path))
    assert wanted[("a", "d")] == 0.1 and len(wanted) == 6
    half = {one: {b: v for (a, b), v in wanted.items() if a == one} for one in "abc"}
    assert read_similarity(table(tmp_path, json.dumps(half), "half.json")) == wanted


def test_both_orders_are_averaged_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        found = read_similarity(table(tmp_path, ",x,y\nx,,1\ny,2,\n"))
    assert found == {("x", "y"): 1.5}
    assert "not symmetric: x and y have 1 and 2" in caplog.text


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("s.txt", "", "ends in .csv or .json"),
        ("s.csv", "", "is empty"),
        ("s.csv", ",a,b\na,1,x\nb,1,1\n", r"s\.csv, line 2, column 'b': 'x' is no finite"),
        ("s.csv", ",a,b\na,1,nan\nb,1,1\n", "'nan' is no finite number"),
        ("s.csv", ",a,b\na,1\n", "line 2: 2 cells, but the first line has 3"),
        ("s.csv", ",a,a\na,1,2\n", "line 1: a occurs more than once"),
        ("s.csv", ",a,b\na,1,2\na,1,2\n", "first column: a occurs more than once"),
        ("s.json", "{", "is no JSON"),
        ("s.json", "[1]", "give a number for each pair"),
        ("s.json", '{"a": {"b": "much"}}', "a.b: 'much' is no finite number"),
        ("s.json", '{"a": {"b": true}}', "a.b: True is no finite number"),
    ],
)
def test_files_that_hold_no_similarity(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read_similarity(table(tmp_path, text, name))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot read .*nowhere.csv"):
        read_similarity(str(tmp_path / "nowhere.csv"))


def test_the_report_and_its_picture(tmp_path: Path) -> None:
    folder = dissociation(tmp_path, D)
    found = measure_similarity([folder], table(tmp_path))
    assert found.tasks == ["a", "b", "c", "d"] and found.test.exact
    assert found.test.pearson.r < -0.9 and found.test.pearson.p_value >= 1 / 24
    write_similarity(found, tmp_path / "out")
    report = json.loads((tmp_path / "out" / "task_similarity.json").read_text())
    assert report["pairs"][2] == {"tasks": ["a", "d"], "d": 9.0, "similarity": 0.1}
    assert report["pearson"]["r"] == found.test.pearson.r and report["permutations"] == 24
    assert len(report["files"]) == 2 and all(report["files"].values())
    first = (tmp_path / "out" / "task_similarity.svg").read_bytes()
    write_similarity(found, tmp_path / "again")
    assert (tmp_path / "again" / "task_similarity.svg").read_bytes() == first
    assert summary(found).startswith("6 pairs of 4 tasks: Pearson's r -0.9")


def test_labels_do_not_cover_each_other(tmp_path: Path) -> None:
    near = {pair: 5.0 + 0.01 * place for place, pair in enumerate(D)}
    figure = similarity_figure(measure_similarity([dissociation(tmp_path, near)], table(tmp_path)))
    figure.canvas.draw()
    places = [label.get_window_extent() for label in figure.axes[0].texts]
    assert len(places) == 6
    assert not any(one.overlaps(other) for one, other in combinations(places, 2))


def test_several_experiments_are_pooled(tmp_path: Path) -> None:
    """As one a pair of tasks; a pair that is there twice has the mean."""
    pairs = list(D.items())
    folders = [dissociation(tmp_path / "0", dict(pairs[:4]))]
    folders.append(dissociation(tmp_path / "1", {("d", "b"): 6.0, **dict(pairs[5:])}))
    folders.append(dissociation(tmp_path / "2", {("b", "d"): 8.0}))
    alone = measure_similarity([dissociation(tmp_path, D)], table(tmp_path))
    assert measure_similarity(folders, table(tmp_path)).pairs == alone.pairs


def test_an_alpha_must_be_chosen_where_there_are_several(tmp_path: Path) -> None:
    folder = dissociation(tmp_path, D, alphas=(0.2, 0.3))
    with pytest.raises(ConfigurationError, match="alphas 0.2, 0.3: choose one of them"):
        measure_similarity([folder], table(tmp_path))
    with pytest.raises(ConfigurationError, match="alphas 0.2, 0.3"):
        measure_similarity([folder], table(tmp_path), alpha=0.4)
    assert measure_similarity([folder], table(tmp_path), alpha=0.3).pairs[0][2] == 2.0


def test_missing_pairs_are_named(tmp_path: Path) -> None:
    undefined = {**D, ("c", "d"): None}
    with pytest.raises(ConfigurationError, match="has no D for the pairs c, d"):
        measure_similarity([dissociation(tmp_path, undefined)], table(tmp_path))
    folder = dissociation(tmp_path, D)
    lacking = table(tmp_path, TABLE.replace("0.9", ""))
    with pytest.raises(ConfigurationError, match="no number for the pairs a, b. Add them, or"):
        measure_similarity([folder], lacking)
    assert measure_similarity([folder], lacking, tasks=["d", "a", "c"]).tasks == ["d", "a", "c"]


def test_two_tasks_correlate_with_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="three tasks or more"):
        measure_similarity([dissociation(tmp_path, D)], table(tmp_path), tasks=["a", "b"])


def test_a_damaged_report(tmp_path: Path) -> None:
    path = tmp_path / "dissociation.json"
    write_report(path, SCHEMA, VERSION, {"results": [{"alpha": 0.3, "pairs": [{"tasks": ["a"]}]}]})
    with pytest.raises(ConfigurationError, match="dissociation.json is damaged"):
        measure_similarity([str(tmp_path)], table(tmp_path))
