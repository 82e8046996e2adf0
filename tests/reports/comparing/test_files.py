"""Tables, JSON and picture of a comparison."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allennlp_heads.reports.comparing import (
    choose,
    compare_settings,
    notes_of,
    read_settings,
    write_comparison,
)
from allennlp_heads.reports.comparing.results import Against, Cell, TaskTable
from allennlp_heads.reports.comparing.rows import ALONE, rows_of
from allennlp_heads.reports.comparing.tables import csv_table, latex_tables, markdown_tables
from tests.reports.comparing.made_runs import some_counts, write_run

HOSTILE = "50% of $x_1$ & {a|b} \\ `#*~^<c>\n="


def report(arguments: list[str], folder: Path) -> dict[str, bytes]:
    found, skipped = read_settings(arguments)
    tables = compare_settings(choose(found), 100, 1)
    notes = notes_of(tables, "validation", "best", skipped)
    write_comparison(folder, tables, found, notes, {"rounds": 100}, 1)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def runs(tmp_path: Path) -> list[str]:
    found = []
    for task in ("pos", "dep"):
        for seed in (1, 2):
            folder = tmp_path / f"{task}.{seed}"
            found.append(write_run(folder, {task: some_counts(seed)}, seed))
    both = {"pos": some_counts(7, right=0.95), "dep": some_counts(8)}
    return [*found, write_run(tmp_path / "both", both, 1)]


def test_the_report_is_a_pure_function_of_the_files(runs: list[str], tmp_path: Path) -> None:
    one, other = report(runs, tmp_path / "out" / "one"), report(runs, tmp_path / "out" / "two")
    assert one == other
    assert set(one) == {f"comparison.{kind}" for kind in ("json", "md", "csv", "tex", "png", "svg")}


def test_json(runs: list[str], tmp_path: Path) -> None:
    files = report(runs, tmp_path / "out")
    found = json.loads(files["comparison.json"])
    assert found["schema"] == {"name": "comparison", "version": 1} and found["seed"] == 1
    assert sorted(files) == found["files"] and found["rounds"] == 100
    assert found["settings"]["pos+dep"]["encoder"] == "tiny"
    assert found["settings"]["pos"]["runs"][1]["folder"] == runs[1]
    pos = found["tasks"]["pos"]
    assert pos["reference"] == "pos" and pos["alone"] and pos["digest"].endswith("data/pos.dev")
    both = pos["settings"]["pos+dep"]
    assert both["std"] is None and both["budget"]["all_examples"] == 64
    assert both["against"]["seeds"] == [1] and both["against"]["p_over_seeds"] is None
    assert pos["settings"]["pos"]["against"] is None


def test_tables_say_the_same(runs: list[str], tmp_path: Path) -> None:
    files = report(runs, tmp_path / "out")
    found = json.loads(files["comparison.json"])["tasks"]["pos"]["settings"]["pos+dep"]
    rows = list(csv.DictReader(files["comparison.csv"].decode().splitlines()))
    assert len(rows) == 4
    (row,) = (r for r in rows if r["task"] == "pos" and r["setting"] == "pos+dep")
    assert row["tested_seeds"] == "1" and row["p_over_seeds"] == row["std"] == ""
    assert float(row["p_value_holm"]) == pytest.approx(found["against"]["adjusted"])
    assert (row["updates"], row["examples_trained_all_tasks"]) == ("4", "64")
    text = files["comparison.md"].decode()
    mean = f"{100 * found['mean']:.2f}"
    star = r"\*" if found["against"]["adjusted"] < 0.05 else ""
    assert f"| pos+dep | {mean}{star} | " in text and "| each task alone | " in text
    difference = f"{100 * found['against']['difference']:+.2f}{star}"
    assert f"| pos+dep | 1 | {mean} | {difference} | " in text and "| 4 | 32 | 64 |" in text
    latex = files["comparison.tex"].decode()
    assert rf"pos+dep & {mean}" in latex and latex.count(r"\begin{tabular}") == 3


def test_stars_and_small_p_values(tmp_path: Path) -> None:
    sure = Against([1, 2], 0.1, 0.05, 0.15, [0.1, 0.1], 0.0001, 0.0002, False, 0.5, 1.0, 0.5)
    cells = [
        Cell("a", [1, 2], [0.5, 0.5], [0, 0], 0.5, 0.0, None),
        Cell("b", [1, 2], [0.6, 0.6], [0, 0], 0.6, 0.0, None, sure),
    ]
    table = TaskTable("pos", "f1", 9, None, None, "a", True, cells)
    text = markdown_tables([table], [])
    row = r"| b | 2 | 60.00 ± 0.00 | +10.00\* | +5.00 to +15.00 | \< 0.001 | \< 0.001 | 0.5 (0.5) |"
    assert row in text and "Overview" not in text
    assert r"+10.00* & +5.00 to +15.00 & \textless{} 0.001" in latex_tables([table], [])
    assert list(rows_of([table])) == ["a", "b"]


def test_single_task_trainings_are_one_row() -> None:
    cells = {name: Cell(name, [1], [0.5], [0], 0.5, None, None) for name in ("a", "b", "ab")}
    tables = [
        TaskTable("a", "f1", 9, None, None, "a", True, [cells["a"], cells["ab"]]),
        TaskTable("b", "f1", 9, None, None, "b", True, [cells["b"], cells["ab"]]),
        TaskTable("c", "f1", 9, None, None, None, False, [cells["ab"]]),
    ]
    rows = rows_of(tables)
    assert list(rows) == [ALONE, "ab"] and list(rows["ab"]) == ["a", "b", "c"]
    assert rows[ALONE] == {"a": cells["a"], "b": cells["b"]}


def test_hostile_names(tmp_path: Path) -> None:
    first = write_run(tmp_path / "a", {"pos": some_counts(1)}, 1)
    second = write_run(tmp_path / "b", {"pos": some_counts(2)}, 1, data_loader={"x": 1})
    found, _ = read_settings([f"{HOSTILE.split('=')[0]}={first}".replace("\\", "")])
    assert len(found) == 1
    plain, _ = read_settings([f"x={second}"])
    tables = compare_settings(choose([*found, *plain], ["x"]), 20)
    write_comparison(tmp_path / "out", tables, [*found, *plain], [HOSTILE], {}, 0)
    assert (tmp_path / "out" / "comparison.png").stat().st_size > 1000


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.text(min_size=1, max_size=20), other=st.sampled_from(["b", HOSTILE]))
def test_any_name_is_one_cell(name: str, other: str) -> None:
    cells = [Cell(text, [1], [0.5], [0], 0.5, None, None) for text in (name, other)]
    tables = [TaskTable(t, name, 9, name, None, None, False, cells) for t in ("pos", "dep")]
    rows = [line for line in markdown_tables(tables, [name]).split("\n") if line.startswith("|")]
    widths = [len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) for row in rows]
    assert set(widths) == {4, 12}
    lines: list[Any] = latex_tables(tables, [name]).split("\n")
    inside = [line for line in lines if line.endswith(r" \\")]
    assert {len(re.findall(r"(?<!\\)&", line)) for line in inside} == {2, 10}
    assert all(line.startswith(("%", "\\")) or line.endswith(r" \\") for line in lines if line)
    assert len(list(csv.reader(io.StringIO(csv_table(tables), newline="")))) == 5
