"""Tables, JSON and picture of a comparison."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

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
from allennlp_heads.reports.comparing.picture import comparison_figure
from allennlp_heads.reports.comparing.results import Against, Cell, TaskTable
from allennlp_heads.reports.comparing.rows import ALONE, rows_of
from allennlp_heads.reports.comparing.runs import ScoredRun
from allennlp_heads.reports.comparing.settings import Setting
from allennlp_heads.reports.comparing.tables import csv_table, latex_tables, markdown_tables
from allennlp_heads.reports.markup import latex_text, markdown_text
from tests.reports.comparing.made_runs import some_counts, write_run

HOSTILE = "50% of $x_1$ & {a|b} \\ `#*~^<c>\n="


def report(arguments: list[str], folder: Path) -> dict[str, bytes]:
    found, skipped = read_settings(arguments)
    tables = compare_settings(choose(found), 100, 1)
    notes = notes_of(tables, found, "validation", "best", skipped)
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
    assert found["settings"]["pos"]["runs"][1]["folder"] == runs[1]
    pos = found["tasks"]["pos"]
    assert pos["reference"] == "pos" and pos["alone"] and pos["digest"].endswith("data/pos.dev")
    both = pos["settings"]["pos+dep"]
    assert both["std"] is None and both["budget"]["all_examples"] == 64
    assert both["against"]["seeds"] == [1] and both["against"]["p_over_seeds"] is None
    assert pos["settings"]["pos"]["against"] is None and both["chosen_alike"] is False


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
    assert rf"pos+dep & {mean}" in latex and latex.count(r"\begin{tabular}") == 4


def test_stars_and_small_p_values(tmp_path: Path) -> None:
    sure = Against([1, 2], 0.1, 0.05, 0.15, [0.1, 0.1], 1e-5, 0.0002, False, 0.5, 1.0, 0.5)
    cells = [
        Cell("a", [1, 2], [0.5, 0.5], [0, 0], 0.5, 0.0, None),
        Cell("b", [1, 2], [0.6, 0.6], [0, 0], 0.6, 0.0, None, sure),
    ]
    table = TaskTable("pos", "f1", 9, None, None, "a", True, cells)
    text = markdown_tables([table], [], [])
    row = r"| b | 2 | 60.00 ± 0.00 | +10.00\* | +5.00 to +15.00 | \< 0.0001 | 0.0002 | 0.5 (0.5) |"
    assert row in text
    # the table of all tasks would say the same once more
    assert text.count("| trained |") == 1
    assert markdown_tables([table, replace(table, task="dep")], [], []).count("| trained |") == 3
    assert r"+10.00* & +5.00 to +15.00 & \textless{} 0.0001 & 0.0002 &" in latex_tables(
        [table], [], []
    )
    assert list(rows_of([table])) == ["a", "b"]


def test_a_table_says_what_the_settings_are(tmp_path: Path) -> None:
    phases = [{"task": "dep", "share": 1}, {"task": "pos", "share": 1}]
    both = {"pos": some_counts(7), "dep": some_counts(8)}
    sampler = {"type": "phases", "phases": phases}
    switched = write_run(tmp_path / "s.3", both, 3, data_loader={"sampler": sampler})
    mixed = write_run(tmp_path / "p_1", both, 1, data_loader={"sampler": {"type": "annealed"}})
    files = report([mixed, switched], tmp_path / "out")
    lines = files["comparison.md"].decode().split("\n")
    place = lines.index("| setting | trains | sampler | seeds | runs |")
    assert lines[place + 2 : place + 4] == [
        f"| p | pos, dep | annealed | 1 | {markdown_text(mixed)} |",
        f"| s | pos, dep | phases (dep, pos) | 3 | {markdown_text(switched)} |",
    ]
    assert (
        rf"p & pos, dep & annealed & 1 & {latex_text(mixed)} \\" in files["comparison.tex"].decode()
    )
    alone = report([write_run(tmp_path / "a", {"pos": some_counts(1)}, 1)], tmp_path / "alone")
    assert f"| pos | pos | – | 1 | {markdown_text(str(tmp_path / 'a'))} |" in (
        alone["comparison.md"].decode()
    )


def test_a_table_without_a_reference_has_no_columns_of_differences(tmp_path: Path) -> None:
    both = {"pos": some_counts(7), "dep": some_counts(8)}
    paths = {task: f"${{HEADS_DATA}}/{task}_1" for task in both}
    run = write_run(tmp_path / "both", both, 1, validation_data_path=paths)
    files = report([run], tmp_path / "out")
    wanted = "| trained | seeds | accuracy | updates | examples of pos | of all tasks |"
    assert wanted in files["comparison.md"].decode()
    latex = files["comparison.tex"].decode()
    assert "p (Holm)" not in latex
    # a comment is not escaped
    assert "\n% pos: 30 examples of ${HEADS_DATA}/pos_1\n" in latex


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
    name = HOSTILE.split("=")[0].replace("\\", "").strip()
    found, _ = read_settings([f"{name}={first}", f"x={second}"])
    assert [setting.name for setting in found] == [name, "x"]
    tables = compare_settings(choose(found, ["x"]), 20)
    write_comparison(tmp_path / "out", tables, found, [HOSTILE], {}, 0)
    files = {
        path.suffix: path.read_text()
        for path in (tmp_path / "out").iterdir()
        if path.suffix != ".png"
    }
    assert name in json.loads(files[".json"])["tasks"]["pos"]["settings"]
    rows = list(csv.DictReader(io.StringIO(files[".csv"])))
    assert [row["setting"] for row in rows] == ["x", " ".join(name.split())]
    assert f"| {markdown_text(name)} | 1 |" in files[".md"]
    assert f"{latex_text(name)} & 1 &" in files[".tex"]
    assert ElementTree.fromstring(files[".svg"]).tag.endswith("svg")
    labels = comparison_figure(tables).axes[0].get_yticklabels()
    assert [label.get_text() for label in labels] == [
        "x",
        " ".join(name.split()).replace("$", r"\$"),
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.text(min_size=1, max_size=20), other=st.sampled_from(["b", HOSTILE]))
def test_any_name_is_one_cell(name: str, other: str) -> None:
    cells = [Cell(text, [1], [0.5], [0], 0.5, None, None) for text in (name, other)]
    tables = [TaskTable(t, name, 9, name, None, None, False, cells) for t in ("pos", "dep")]
    run = ScoredRun(name, {"data_loader": {"sampler": {"type": other}}}, 1, (name,), {}, {}, None)
    setting = [Setting(name, (run,))]
    rows = [
        line
        for line in markdown_tables(tables, setting, [name]).split("\n")
        if line.startswith("|")
    ]
    widths = [len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) for row in rows]
    assert set(widths) == {4, 6, 7}
    lines: list[Any] = latex_tables(tables, setting, [name]).split("\n")
    inside = [line for line in lines if line.endswith(r" \\")]
    assert {len(re.findall(r"(?<!\\)&", line)) for line in inside} == {2, 4, 5}
    assert all(line.startswith(("%", "\\")) or line.endswith(r" \\") for line in lines if line)
    assert len(list(csv.reader(io.StringIO(csv_table(tables), newline="")))) == 5
