"""The table of five tasks: from records alone, with the numbers that they hold."""

from __future__ import annotations

import re
import statistics
from pathlib import Path
from typing import Any

import numpy
import pytest

from allennlp_heads.analysis import compare
from docs import build_results
from docs.five_tasks.comparisons import cells_of, compared, row_of, rows_of
from docs.five_tasks.page import section
from docs.five_tasks.record import (
    TASKS,
    Record,
    counts_of,
    read_record,
    read_records,
    score_of,
    write_record,
)
from tests.docs.blocks import ROOT
from tests.docs.grid import SEEDS, SENTENCES, counts, grid, record

COMMITTED = ROOT / "docs" / "results" / "five_tasks"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of results with the records of the whole table."""
    results = tmp_path_factory.mktemp("results")
    for name, found in grid().items():
        write_record(results / "five_tasks" / f"{name}.json", found)
    return results


def table(lines: list[str], first: str) -> list[list[str]]:
    """The rows of the table whose header begins with `first`, without the header."""
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_records_come_back_as_they_were(folder: Path) -> None:
    assert read_records(folder / "five_tasks") == dict(sorted(grid().items()))


def test_lists_of_numbers_take_little_room(folder: Path) -> None:
    text = (folder / "five_tasks" / "pos.13.json").read_text("utf-8")
    numbers = ",".join(str(value) for value in counts("pos", 13, 0.7)["gold"])
    assert f'"gold": [{numbers}]' in text
    assert not list((folder / "five_tasks").glob("*.tmp"))


def test_every_score_stands_in_its_cell(folder: Path) -> None:
    lines = section(folder / "five_tasks", "x.png")
    rows = table(lines, "training")
    assert "| training | POS accuracy | NER F1 | DEP LAS | CON F1 | SRL F1 |" in lines
    names = ["STL", *(f"+ {task.upper()}" for task in TASKS), "MTL-5", "allennlp-models"]
    assert [row[0] for row in rows] == names
    records = grid()
    for column, task in enumerate(TASKS, 1):
        scores = [score_of(records[f"{task}.{seed}"], task) for seed in SEEDS]
        wanted = f"{statistics.mean(scores):.4f} +- {statistics.stdev(scores):.4f}"
        assert rows[0][column] == wanted
        for row, partner in enumerate(TASKS, 1):
            if partner == task:
                assert rows[row][column] == ""
            else:
                pair = "_".join(sorted((task, partner), key=TASKS.index))
                assert rows[row][column] == f"{score_of(records[f'{pair}.13'], task):.4f}"
    assert rows[-1] == ["allennlp-models", "", "", rows[-1][3], "", ""]
    assert rows[-1][3] == f"{score_of(records['biaffine_parser.13'], 'dep'):.4f}"


def test_tests_compare_equal_seeds(folder: Path) -> None:
    rows = table(section(folder / "five_tasks", "x.png"), "task")
    assert len(rows) == 5 * 5
    records = grid()
    by_name = {(row[0], row[1]): row for row in rows}
    for other, seeds in (("+ NER", (13,)), ("MTL-5", SEEDS)):
        name = {"+ NER": "pos_ner", "MTL-5": "all"}[other]
        first, second = (
            numpy.array([counts_of(records[f"{run}.{seed}"], "pos") for seed in seeds])
            for run in ("pos", name)
        )
        found = compare(first, second)
        row = by_name["POS", other]
        assert row[2] == f"{found.difference:+.4f}"
        assert row[3] == f"{found.lower:+.4f} to {found.upper:+.4f}"
        assert row[4] == f"{found.p_value:.4f}"
        assert row[6] == ", ".join(f"{value:+.4f}" for value in found.by_run)
    # 0.9 against 0.7 in five tasks; 0.72 against 0.7 is nothing
    text = "\n".join(section(folder / "five_tasks", "x.png"))
    assert "5 of 25 are better than the task alone, 0 are worse, and 20 do not differ" in " ".join(
        text.split()
    )


def test_correction_counts_all_comparisons(folder: Path) -> None:
    cells = cells_of(grid())
    rows = compared(cells, rows_of(cells), rounds=200)
    assert all(row.adjusted >= row.found.p_value for row in rows)
    smallest = min(rows, key=lambda row: row.found.p_value)
    assert smallest.adjusted == pytest.approx(min(1, 25 * smallest.found.p_value))


def test_origin_is_told(folder: Path) -> None:
    text = "\n".join(section(folder / "five_tasks", "x.png"))
    assert "- STL: 15 runs, seeds 13, 14, 15, 22.5 minutes" in text
    assert "- allennlp-models (`biaffine_parser`): 1 run, seeds 13, 1.5 minutes" in text
    assert "- all 29 runs: 43.5 minutes" in text
    assert "- budget: epochs 2" in text and "- versions: torch 9.9" in text
    assert text.count("python -m docs.five_tasks --epochs 2") == 1
    assert f"same {SENTENCES} test sentences" in text and "](x.png)" in text


def test_page_and_picture_come_from_one_command(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    options = ["--results", str(folder), "--page", str(page)]
    assert build_results.main(options) == 0
    picture = tmp_path / "images" / "five_tasks.png"
    first = picture.read_bytes()
    assert first.startswith(b"\x89PNG") and "images/five_tasks.png" in page.read_text("utf-8")
    assert build_results.main([*options, "--check"]) == 0
    assert build_results.main(options) == 0 and picture.read_bytes() == first


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tasks": ["pos", "chunks"]}, "'chunks' is none of pos"),
        ({"scores": {"test": {}}}, "no test score of pos: 'pos_accuracy'"),
        ({"counts": {"pos": {"correct": [1]}}}, "counts of pos are not three equal lists"),
        ({"counts": {"pos": counts("pos", 13, 0.5)}}, "the counts of pos make"),
    ],
)
def test_a_wrong_record_is_named(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    with pytest.raises(ValueError, match=message) as raised:
        write_record(path, record("STL", ("pos",), 13, 0.7) | change)
    assert "wrong" in str(raised.value)
    assert not list(tmp_path.iterdir())


def test_a_damaged_record_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "five_tasks").mkdir()
    path = tmp_path / "five_tasks" / "cut.json"
    for text, message in (('{"seed": 1', "cannot be read as JSON"), ('{"seed": 1}', "system, ")):
        path.write_text(text)
        options = ["--results", str(tmp_path), "--page", str(tmp_path / "page.md")]
        assert build_results.main(options) == 1
        error = capsys.readouterr().err
        assert "cut.json" in error and message in error


def test_other_sentences_are_not_compared() -> None:
    other = record("MTL-5", TASKS, 13, 0.8)
    other["counts"]["ner"]["gold"][3] += 1
    with pytest.raises(ValueError, match="MTL-5: the gold counts of ner are not those of STL"):
        cells = cells_of({"ner": record("STL", ("ner",), 13, 0.7), "all": other})
        compared(cells, rows_of(cells), rounds=10)


def test_one_run_has_one_record() -> None:
    same = {name: record("STL", ("ner",), 13, 0.7) for name in ("a", "b")}
    with pytest.raises(ValueError, match="b.json and a.json are both STL, ner, 13"):
        cells_of(same)


def test_budgets_do_not_mix(tmp_path: Path) -> None:
    write_record(tmp_path / "a.json", record("STL", ("ner",), 13, 0.7))
    write_record(tmp_path / "b.json", record("STL", ("ner",), 14, 0.7, budget={"epochs": 3}))
    with pytest.raises(ValueError, match="a.json and b.json differ in budget"):
        section(tmp_path, "x.png")


def test_a_table_may_be_half_done(tmp_path: Path) -> None:
    write_record(tmp_path / "a.json", record("pair", ("ner", "dep"), 13, 0.7))
    text = "\n".join(section(tmp_path, "x.png"))
    assert "no paired test" in text and re.search(r"^\| \+ NER \|  \|  \| 0\.", text, re.M)


def test_rows() -> None:
    assert row_of(record("pair", ("ner", "dep"), 13, 0.7), "dep") == "+ NER"
    cells: dict[tuple[str, str], dict[int, Record]] = {
        (row, "pos"): {} for row in ("x", "MTL-5", "+ SRL", "STL", "+ NER")
    }
    assert rows_of(cells) == ["STL", "+ NER", "+ SRL", "MTL-5", "x"]


def test_committed_records_are_small_and_name_existing_configurations() -> None:
    paths = list(COMMITTED.glob("*.json"))
    assert sum(path.stat().st_size for path in paths) < 400_000
    for path in paths:
        assert (ROOT / read_record(path)["experiment"]).is_file(), path
