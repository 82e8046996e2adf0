"""The section on the overlap of open heads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest

from allennlp_heads.reports.overlap import measure
from allennlp_heads.reports.overlap_files import write_overlap
from allennlp_heads.reports.overlap_groups import read_groups
from allennlp_heads.reports.page.blocks import Chart, HeadGrids, Section, Table, Text
from allennlp_heads.reports.page.run_folder import read_run
from allennlp_heads.reports.page.sections.overlap import across
from tests.reports.gate_runs import write_groups, write_run
from tests.reports.page.sections.looking import blocks_of, cells, names, only
from tests.reports.page.specimens import without_pictures


def section_of(folders: list[str], out: Path) -> tuple[Section, dict[str, Any]]:
    with without_pictures():
        write_overlap(measure(read_groups(folders), draws=50), out)
    content: dict[str, Any] = json.loads((out / "overlap.json").read_text())
    return only(across([read_run(str(out))])), content


@pytest.fixture
def found(tmp_path: Path) -> tuple[Section, dict[str, Any]]:
    folders = write_groups(tmp_path, ["pos", "dep", "ner"], 3, (3, 4))
    return section_of(folders, tmp_path / "out")


def test_numbers_are_those_of_the_report(found: tuple[Section, dict[str, Any]]) -> None:
    section, content = found
    groups, claims, pairs = blocks_of(section, Table)
    assert cells(groups, "group") == ["pos", "dep", "ner"]
    assert cells(groups, "open heads") == [f"{one['open']:.1f}" for one in content["groups"]]
    assert cells(claims, "heads") == [str(k) for k in content["claims"]["exactly"]["observed"]]
    assert len(pairs.rows) == 6
    between = content["jaccard"]["mean"][0][1]
    chance = content["jaccard"]["by_chance"][0][1]
    assert pairs.rows[1][:4] == ["pos", "dep", f"{between:.2f}", f"{chance:.2f}"]
    exact = content["claims"]["by_all"]
    assert f"By chance it would be {exact['by_chance']:.1f}" in blocks_of(section, Text)[1].text


def test_observed_stands_beside_chance(found: tuple[Section, dict[str, Any]]) -> None:
    section, content = found
    chart = blocks_of(section, Chart)[0]
    rows = chart.spec["data"]["values"]
    exactly = content["claims"]["exactly"]
    assert [row["value"] for row in rows[::2]] == exactly["observed"]
    assert [row["value"] for row in rows[1::2]] == pytest.approx(exactly["by_chance"])
    assert [row["low"] for row in rows[1::2]] == exactly["chance_2.5_percent"]


def test_a_head_that_there_is_not_has_no_number(tmp_path: Path) -> None:
    exists = numpy.array([[True, True, False], [True, True, True]])
    folders = [
        write_run(tmp_path / f"{task}{seed}", numpy.full((2, 3), gate), [task], seed, exists=exists)
        for task, gate in (("pos", 0.25), ("dep", 0.75))
        for seed in range(2)
    ]
    section, _ = section_of(folders, tmp_path / "out")
    gates, shared = blocks_of(section, HeadGrids)
    assert names(gates) == ["pos", "dep", "mean of pos, dep"]
    expected = numpy.where(exists, 0.25, numpy.nan)
    numpy.testing.assert_allclose(gates.grids[0].values, expected)
    (details,) = gates.grids[0].details.values()
    numpy.testing.assert_array_equal(details, numpy.where(exists, 2, numpy.nan))
    numpy.testing.assert_array_equal(shared.grids[0].values, numpy.where(exists, 2, numpy.nan))


def test_one_run_has_nothing_to_share(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "one", numpy.eye(3))
    section, _ = section_of([folder], tmp_path / "out")
    assert len(blocks_of(section, Table)) == len(blocks_of(section, Chart)) == 1
    assert names(blocks_of(section, HeadGrids)[0]) == ["pos"]
