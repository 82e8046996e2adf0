"""The section on dissociation beside the similarity of tasks."""

from __future__ import annotations

import json
from pathlib import Path

from allennlp_heads.reports.page.blocks import Chart, Table, Text
from allennlp_heads.reports.page.sections.similarity import sections
from tests.reports.page.sections.looking import blocks_of, cells, only, sections_of


def test_a_point_for_each_pair(tmp_path: Path) -> None:
    pairs = [
        {"tasks": ["a", "b"], "d": 1.5, "similarity": 0.2},
        {"tasks": ["a", "c"], "d": -3.0, "similarity": 0.9},
        {"tasks": ["b", "c"], "d": 0.25, "similarity": 0.4},
    ]
    report = {
        "schema": {"name": "task_similarity", "version": 1},
        "tasks": ["a", "b", "c"],
        "pairs": pairs,
        "pearson": {"r": -0.7512, "p_value": 0.03},
        "spearman": {"r": -0.5, "p_value": 0.2},
        "permutations": 6,
        "exact": True,
    }
    (tmp_path / "task_similarity.json").write_text(json.dumps(report), encoding="utf-8")
    section = only(sections_of(sections, tmp_path))
    (chart,), (table,) = blocks_of(section, Chart), blocks_of(section, Table)
    (text,) = blocks_of(section, Text)
    assert [(row["x"], row["y"]) for row in chart.spec["data"]["values"]] == [
        (pair["similarity"], pair["d"]) for pair in pairs
    ]
    assert cells(table, "D, %") == ["1.50", "-3.00", "0.25"]
    assert "r -0.751 (p\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}0.03)" in text.text
    assert "by all permutations" in text.text
