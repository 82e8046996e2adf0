"""The section on compared scores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from allennlp_heads.reports.comparing import (
    choose,
    compare_settings,
    notes_of,
    read_settings,
    write_comparison,
)
from allennlp_heads.reports.page.blocks import Chart, Section, Table, Text
from allennlp_heads.reports.page.run_folder import read_run
from allennlp_heads.reports.page.sections.comparison import across
from tests.reports.comparing.made_runs import some_counts, write_run
from tests.reports.page.sections.looking import blocks_of, cells, only
from tests.reports.page.specimens import without_pictures


def section_of(arguments: list[str], out: Path) -> tuple[Section, dict[str, Any]]:
    settings, skipped = read_settings(arguments)
    tables = compare_settings(choose(settings), 50)
    notes = notes_of(tables, settings, "validation", "best", skipped)
    with without_pictures():
        write_comparison(out, tables, settings, notes, {}, seed=0)
    content: dict[str, Any] = json.loads((out / "comparison.json").read_text())
    return only(across([read_run(str(out))])), content


@pytest.fixture
def runs(tmp_path: Path) -> list[str]:
    found = []
    for seed in range(2):
        alone, both = some_counts(seed, right=0.4), some_counts(seed + 5, right=0.8)
        found.append(write_run(tmp_path / f"pos{seed}", {"pos": alone}, seed))
        found.append(write_run(tmp_path / f"both{seed}", {"pos": both, "dep": both}, seed))
    return found


def test_differences_stand_with_interval_and_tests(runs: list[str], tmp_path: Path) -> None:
    section, content = section_of(runs, tmp_path / "out")
    settings, *tables = blocks_of(section, Table)
    pos, dep = sorted(tables, key=lambda table: table.caption.startswith("dep"))
    assert cells(settings, "seeds") == ["0, 1", "0, 1"]
    table = content["tasks"]["pos"]
    name = next(one for one in table["settings"] if one != table["reference"])
    test = table["settings"][name]["against"]
    row = dict(zip(pos.columns, pos.rows[cells(pos, "setting").index(name)]))
    star = "*" if test["adjusted"] < 0.05 else ""
    assert row["difference"] == f"{100 * test['difference']:+.2f}{star}"
    assert row["95 % interval"] == f"{100 * test['low']:+.2f} to {100 * test['high']:+.2f}"
    assert row["p over seeds (least)"] == "0.5 (0.5)"
    assert row["updates"] == "4"
    assert "difference" not in dep.columns
    (chart,) = blocks_of(section, Chart)
    (drawn,) = chart.spec["data"]["values"]
    assert drawn["value"] == pytest.approx(100 * test["difference"])
    assert drawn["category"] == "pos"
    assert [note in {text.text for text in blocks_of(section, Text)} for note in content["notes"]]


def test_without_a_reference_there_are_scores_only(runs: list[str], tmp_path: Path) -> None:
    section, _ = section_of(runs[1::2], tmp_path / "out")
    assert not blocks_of(section, Chart)
    assert "Differences" not in blocks_of(section, Text)[0].text
    assert all("p" not in table.columns for table in blocks_of(section, Table))


def test_what_was_not_counted_is_no_column(tmp_path: Path) -> None:
    run = write_run(tmp_path / "one", {"pos": some_counts(1)}, updates=None)
    section, _ = section_of([run], tmp_path / "out")
    assert list(blocks_of(section, Table)[1].columns) == ["setting", "seeds", "accuracy"]
