"""The section on learning from few examples."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

from allennlp_heads.reports.fewshot import write_fewshot
from allennlp_heads.reports.fewshot_results import FewShotScores
from allennlp_heads.reports.page.blocks import Chart, Table
from allennlp_heads.reports.page.sections.fewshot import sections
from tests.reports.page.sections.looking import blocks_of, cells, only, sections_of
from tests.reports.page.specimens import without_pictures


@pytest.mark.parametrize("seeds, majority", [(6, 0.5), (1, None)])
def test_curve_and_tables(seeds: int, majority: float | None, tmp_path: Path) -> None:
    scores = numpy.random.default_rng(0).random((2, 3, seeds))
    starts, numbers = ["plain", "source"], [4, 16, 64]
    found = FewShotScores("sst2", "accuracy", "+", starts, numbers, False, scores, majority)
    with without_pictures():
        write_fewshot(found, {}, tmp_path)
    section = only(sections_of(sections, tmp_path))
    (chart,), (table, tests) = blocks_of(section, Chart), blocks_of(section, Table)
    rows = [row for row in chart.spec["data"]["values"] if row["series"] == "source"]
    assert [row["x"] for row in rows] == numbers
    assert [row["y"] for row in rows] == pytest.approx(100 * scores[1].mean(axis=-1))
    assert all((row["low"] is None) == (seeds == 1) for row in rows)
    named = ["plain", "source", *(["most frequent label"] if majority else [])]
    assert cells(table, "start") == named
    assert table.rows[0][1].startswith(f"{100 * scores[0, 0].mean():.2f}")
    assert ("±" in table.rows[0][1]) == (seeds > 1)
    assert cells(tests, "examples") == ["4", "16", "64"]
    assert cells(tests, "against") == ["plain"] * 3
