"""The tables about removed heads: from records alone, with the numbers that they hold."""

from __future__ import annotations

import re
import statistics
from pathlib import Path
from typing import Any

import numpy
import pytest

from allennlp_heads.analysis import compare
from docs import build_results
from docs.five_tasks import record as five_tasks
from docs.pruning.comparisons import COLUMNS, Results, Row
from docs.pruning.overlap import overlap
from docs.pruning.page import section
from docs.pruning.record import STAGES, counts_of, read_record, read_records, score_of, write_record
from docs.runs.records import TASKS, Record
from tests.docs import grid as before
from tests.docs.blocks import ROOT
from tests.docs.grid import SEEDS
from tests.docs.pruning_grid import grid, record
from tests.docs.test_five_tasks import table
from tests.reports.gate_runs import write_run

COMMITTED = ROOT / "docs" / "results" / "pruning"


def write(results: Path, records: dict[str, Record], open_heads: dict[str, Record]) -> None:
    for name, found in records.items():
        write_record(results / "pruning" / f"{name}.json", found)
    for name, found in open_heads.items():
        budget = found["budget"] and {**found["budget"], "test_sentences": None}
        five_tasks.write_record(results / "five_tasks" / f"{name}.json", found | {"budget": budget})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of results with all records of both tables."""
    results = tmp_path_factory.mktemp("results")
    write(results, grid(), before.grid())
    return results


@pytest.fixture(scope="module")
def lines(folder: Path) -> list[str]:
    return section(folder / "pruning", folder / "five_tasks", "x")


def test_records_come_back_as_they_were(folder: Path) -> None:
    assert read_records(folder / "pruning") == dict(sorted(grid().items()))


def test_every_score_stands_in_its_cell(lines: list[str]) -> None:
    rows = table(lines, "training")
    settings = ["alone"] * 5 + ["all_shared"] * 5 + ["all_per_task"] * 5
    assert [row[0] for row in rows] == settings
    assert [row[1] for row in rows] == [task.upper() for task in TASKS] * 3
    records, by_name = grid(), {(row[0], row[1]): row for row in rows}

    def cell(scores: list[float]) -> str:
        spread = f" +- {statistics.stdev(scores):.4f}" if len(scores) > 1 else ""
        return f"{statistics.mean(scores):.4f}{spread}"

    row = by_name["all_shared", "DEP"]
    assert row[-1] == "3"
    open_heads = [five_tasks.score_of(before.grid()[f"all.{seed}"], "dep") for seed in SEEDS]
    assert row[2] == cell(open_heads)
    for place, stage in enumerate(STAGES, 3):
        assert row[place] == cell(
            [score_of(records[f"all_shared.{seed}"], stage, "dep") for seed in SEEDS]
        )
    for place, kind in enumerate(("random", "magnitude"), 6):
        scores = [score_of(records[f"all.{kind}.{seed}"], "masked", "dep") for seed in SEEDS]
        assert row[place] == cell(scores)
        # one seed with gates: of the baselines, too, only that one
        assert by_name["all_per_task", "DEP"][place] == cell(scores[:1])
    row = by_name["alone", "NER"]
    assert row[-1] == "1"
    assert row[6] == cell([score_of(records["ner.random.13"], "masked", "ner")])


def test_tests_compare_equal_seeds(lines: list[str]) -> None:
    start = next(
        n for n, line in enumerate(lines) if line.startswith("| training | task | against")
    )
    rows = table(lines[start:], "training")
    assert len(rows) == 15 * 3
    records, by_name = grid(), {tuple(row[:3]): row for row in rows}
    cases: list[tuple[str, str, str, tuple[int, ...]]] = [
        ("all_shared", "all_shared", "all.random", SEEDS),
        ("all_per_task", "all_per_task", "all.random", SEEDS[:1]),
        ("alone", "pos", "pos.random", SEEDS),
    ]
    for training, own, other, seeds in cases:
        first, second = (
            numpy.array([counts_of(records[f"{name}.{s}"], stage, "pos") for s in seeds])
            for name, stage in ((other, "masked"), (own, "removed"))
        )
        found = compare(first, second)
        row = by_name[training, "POS", "random"]
        assert row[3] == f"{found.difference:+.4f}" and row[5] == f"{found.p_value:.4f}"
        assert row[7] == ", ".join(f"{value:+.4f}" for value in found.by_run)
        assert float(row[6]) >= float(row[5])
    text = "\n".join(lines)
    # 0.71 against 0.5 everywhere
    assert "Against random heads at equal count: higher in 15 of 15; at the level" in text
    assert f"all {15 * 3} comparisons" in " ".join(text.split())


def test_sizes_and_target(lines: list[str]) -> None:
    start = next(n for n, line in enumerate(lines) if line.startswith("| training | heads kept"))
    rows = {row[0]: row[1:] for row in table(lines[start:], "training")}
    assert list(rows) == [*TASKS, "all_shared", *(f"all_per_task: {t.upper()}" for t in TASKS)]
    speed = ["1.20 +- 0.00", "1.10 +- 0.00"]
    assert rows["pos"] == ["6, 7, 8 of 12", "20.00 to 13.50", "90.00 to 70.00", *speed, "3"]
    assert rows["ner"] == ["6 of 12", "20.00 to 13.00", "90.00 to 70.00", "1.20", "1.10", "1"]
    # 8 of 12 is two too many, for each of the three with three seeds
    text = " ".join("\n".join(lines).split())
    assert "14 of 17 sets of gates keep within one head of the number aimed at" in text
    assert "differ by 4e-07 at most" in text and "32 % of the multiply-adds" in text


def test_what_binarising_changes(lines: list[str]) -> None:
    rows = Results(grid(), {}).rows()
    results = Results(grid(), {})
    most = max(
        abs(one - other)
        for row in rows
        for one, other in zip(results.scores(row, "gated"), results.scores(row, "binarised"))
    )
    text = " ".join("\n".join(lines).split())
    assert f"Binarising changes a run's score by {most:.4f} at most, removing" in text
    assert "closed heads by another 0.0000." in text


def test_origin_is_told(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert "- all 37 runs: 92.5 minutes" in text and "- gated: 13 runs, 32.5 minutes" in text
    assert text.count("python -m docs.pruning --epochs 2") == 1 and "](x/scores.png)" in text
    assert "Learned gates close 50 % of the heads" in text and "gates above 0.5 set to 1" in text
    assert "with all 12 heads" in text and "with 6 of 12 heads" in " ".join(text.split())


def test_page_and_picture_come_from_one_command(tmp_path: Path) -> None:
    write(tmp_path, {name: grid()[name] for name in ("ner.13", "ner.random.13")}, {})
    page = tmp_path / "page.md"
    options = ["--results", str(tmp_path), "--page", str(page)]
    assert build_results.main(options) == 0
    picture = tmp_path / "images" / "pruning" / "scores.png"
    first = picture.read_bytes()
    assert first.startswith(b"\x89PNG") and "images/pruning/scores.png" in page.read_text("utf-8")
    assert build_results.main(options) == 0 and picture.read_bytes() == first


def test_which_heads_are_shown(tmp_path: Path) -> None:
    write(tmp_path, {name: grid()[name] for name in ("pos.13", "dep.13")}, {})
    gates = tmp_path / "pruning" / "gates"
    source = numpy.random.default_rng(0)
    for setting, seed in [("pos", 13), ("pos", 14), ("pos", 15), ("dep", 13)]:
        own = source.random((3, 4))
        own[0, 0], own[2, 3] = 1, 0  # claimed by both, and by none
        write_run(gates / f"{setting}.{seed}", own, [setting], seed)
    page = tmp_path / "page.md"
    assert build_results.main(["--results", str(tmp_path), "--page", str(page)]) == 0
    text = page.read_text("utf-8")
    found = overlap(tmp_path / "pruning")
    assert found is not None and found.names == ["pos", "dep"] and found.threshold == 0.5
    assert found.claims is not None
    assert f"{int(found.claims.observed[-1])} head" in text and "of 12 are claimed by all" in text
    r = numpy.corrcoef(found.means.reshape(2, -1))[0, 1]
    assert f"{r:.2f}" in text.split("Pearson's r between mean gates:")[1]
    shown = re.findall(r"\]\((images/pruning/[\w.]+)\)", text)
    assert {"images/pruning/rgb.pos.png", "images/pruning/claims.png"} < set(shown)
    assert all((tmp_path / name).read_bytes().startswith(b"\x89PNG") for name in shown)


def test_a_table_may_be_half_done(tmp_path: Path) -> None:
    baseline = {"pos.random.13": record("random", "pos", ("pos",), 13)}
    write(tmp_path, baseline, {})
    text = "\n".join(section(tmp_path / "pruning", tmp_path / "five_tasks", "x"))
    assert "no run with learned gates" in text
    write(tmp_path, {"ner.13": record("gated", "ner", ("ner",), 13)}, {})
    text = "\n".join(section(tmp_path / "pruning", tmp_path / "five_tasks", "x"))
    assert "no paired test" in text and "| alone | NER |  | 0." in text


def test_a_cell_of_fewer_seeds_says_so(tmp_path: Path) -> None:
    names = ("pos.13", "pos.14", "pos.random.13")
    write(tmp_path, {name: grid()[name] for name in names}, {})
    lines = section(tmp_path / "pruning", tmp_path / "five_tasks", "x")
    (row,) = (row for row in table(lines, "training") if row[0] == "alone" and len(row) == 9)
    assert row[-1] == "2" and row[6].endswith(" (1 of 2 seeds)") and row[7] == ""
    assert "seeds" not in "".join(row[2:6])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stages": {}}, "'stages' must be gated, binarised, removed"),
        ({"metric": {"pos": "f1"}}, "no test score of pos: 'pos_f1'"),
        ({"tasks": ["chunks"]}, "'chunks' is none of pos"),
    ],
)
def test_a_wrong_record_is_named(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    with pytest.raises(ValueError, match=message) as raised:
        write_record(path, record("gated", "pos", ("pos",), 13) | change)
    assert "wrong" in str(raised.value) and not list(tmp_path.iterdir())


def test_what_does_not_belong_together(tmp_path: Path) -> None:
    one = record("gated", "ner", ("ner",), 13)
    other = record("random", "ner", ("ner",), 13)
    with pytest.raises(ValueError, match="b.json and another file are of the same run"):
        Results({"a": one, "b": one}, {})
    other["stages"]["masked"]["counts"]["ner"]["gold"][3] += 1
    with pytest.raises(ValueError, match="ner: the gold counts of ner are not those of random"):
        Results({"a": one, "b": other}, {}).compared(rounds=10)
    write(tmp_path, {"a": one, "b": one | {"budget": {**one["budget"], "epochs": 3}}}, {})
    with pytest.raises(ValueError, match="pruning/a.json and pruning/b.json differ in budget"):
        section(tmp_path / "pruning", tmp_path / "five_tasks", "x")
    (tmp_path / "pruning" / "b.json").unlink()
    alone = before.record("STL", ("ner",), 13, 0.7)
    write(tmp_path, {}, {"ner.13": alone | {"budget": {**alone["budget"], "epochs": 4}}})
    with pytest.raises(ValueError, match="pruning/a.json and five_tasks/ner.13.json differ"):
        section(tmp_path / "pruning", tmp_path / "five_tasks", "x")


def test_columns_without_runs_are_empty() -> None:
    results = Results({"a": record("gated", "ner", ("ner",), 13)}, {})
    filled = [column for column in COLUMNS if results.scores(Row("ner", "ner"), column)]
    assert filled == list(STAGES)


def test_committed_records_are_small_and_name_existing_configurations() -> None:
    paths = list(COMMITTED.glob("*.json"))
    assert sum(path.stat().st_size for path in COMMITTED.rglob("*") if path.is_file()) < 1_000_000
    for path in paths:
        found = read_record(path)
        assert (ROOT / found["experiment"]).is_file(), path
        if found["kind"] == "gated":
            assert (COMMITTED / "gates" / path.stem / "heads" / "gates.npz").is_file(), path
