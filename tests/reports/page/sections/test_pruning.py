"""Removed heads: what is gone, and expected against measured speed."""

import json
import shutil
from pathlib import Path

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.page.blocks import Chart, HeadGrids, Table, Text
from allennlp_heads.reports.page.sections import pruning
from tests.reports.comparing.made_runs import some_counts, write_run
from tests.reports.gate_runs import write_run as write_gates
from tests.reports.page.sections.looking import blocks_of, cells, only, sections_of
from tests.reports.page.specimen_heads import write_removal
from tests.reports.page.specimens import without_pictures

SHAPE = (2, 4)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run whose smaller model lies inside it."""
    write_run(tmp_path / "run", {"pos": some_counts(0)})
    with without_pictures():
        write_removal(tmp_path / "run" / "pruned" / "heads", SHAPE, 1)
    (tmp_path / "run" / "pruned" / "config.json").write_text("{}")
    return tmp_path / "run"


def change(run: Path, **changed: object) -> None:
    path = run / "pruned" / "heads" / "pruning.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))


def test_removed_heads_have_no_number(run: Path) -> None:
    section = only(sections_of(pruning.sections, run))
    (found,) = blocks_of(section, HeadGrids)
    nan = numpy.nan
    expected = [[1, nan, 1, nan], [nan, 1, nan, 1]]
    numpy.testing.assert_array_equal(found.grids[0].values, expected)
    assert not found.grids[0].details
    assert blocks_of(section, Text)[0].text.startswith("4 of 8 heads are kept")


def test_the_gates_that_chose_are_shown_beside(run: Path) -> None:
    gates = numpy.linspace(0, 1, 8).reshape(SHAPE)
    write_gates(run, gates)
    (found,) = blocks_of(only(sections_of(pruning.sections, run)), HeadGrids)
    assert numpy.allclose(found.grids[0].details["gate"], gates, atol=1e-4)


def test_gates_of_another_encoder_are_left_out(run: Path) -> None:
    write_gates(run, numpy.ones((3, 4)))
    (found,) = blocks_of(only(sections_of(pruning.sections, run)), HeadGrids)
    assert not found.grids[0].details


def test_several_removals_are_one_table(run: Path) -> None:
    shutil.copytree(run / "pruned", run / "pruned.half")
    path = run / "pruned.half" / "heads" / "pruning.json"
    report = json.loads(path.read_text()) | {"keep": 0.5, "threshold": None}
    del report["measured"]
    path.write_text(json.dumps(report))
    section = only(sections_of(pruning.sections, run))
    (table,) = blocks_of(section, Table)
    assert cells(table, "model") == ["pruned", "pruned.half"]
    assert cells(table, "heads") == ["4 of 8"] * 2
    assert cells(table, "kept")[1] == "the 50 % with the highest gates"
    share = 100 * report["parameters"]["encoder"]["after"] / 22_565_376
    assert cells(table, "encoder, %")[0] == f"{share:.1f}"
    assert (cells(table, "expected"), cells(table, "measured")) == (["1.23"] * 2, ["1.24", "–"])
    (found,) = blocks_of(section, HeadGrids)
    assert [grid.name for grid in found.grids] == ["pruned", "pruned.half"]


def test_scores_of_several_removals(run: Path) -> None:
    write_scores(run, "same")
    shutil.copytree(run / "pruned", run / "pruned.half")
    table = blocks_of(only(sections_of(pruning.sections, run)), Table)[1]
    assert cells(table, "model") == ["pruned", "pruned.half"]
    assert cells(table, "after") == ["33.3"] * 2


def test_damage_in_one_of_several_is_named(run: Path) -> None:
    shutil.copytree(run / "pruned", run / "pruned.half")
    change(run, heads={"before": 3})
    with pytest.raises(ConfigurationError, match=r"pruned/heads/pruning\.json.*damaged"):
        sections_of(pruning.sections, run)


def test_sizes_and_speeds(run: Path) -> None:
    section = only(sections_of(pruning.sections, run))
    (table,) = blocks_of(section, Table)
    assert cells(table, "before")[:2] == ["8", "22,565,376"]
    assert cells(table, "after, %")[0] == "50.0"
    text = blocks_of(section, Text)[1].text
    for part in ("Expected is 1.23 times", "Measured were 1.24 times", "1.58 times, never more"):
        assert part in text
    (chart,) = blocks_of(section, Chart)
    speeds = {row["category"]: row["value"] for row in chart.spec["data"]["values"]}
    assert speeds == {"expected": 1.226, "measured": 1.243, "without any heads": 1.583}


def test_what_was_not_measured_is_not_shown(tmp_path: Path) -> None:
    with without_pictures():
        write_removal(tmp_path / "heads", SHAPE, 1, measured=False)
    section = only(sections_of(pruning.sections, tmp_path))
    assert "Nothing was measured" in blocks_of(section, Text)[1].text
    assert len(blocks_of(section, Chart)[0].spec["data"]["values"]) == 2


def test_missing_keys_are_left_out(run: Path) -> None:
    path = run / "pruned" / "heads" / "pruning.json"
    report = json.loads(path.read_text())
    for key in ("cost", "measured", "parameters", "bytes", "largest_difference"):
        del report[key]
    path.write_text(json.dumps(report))
    section = only(sections_of(pruning.sections, run))
    (table,) = blocks_of(section, Table)
    assert cells(table, "size") == ["heads"] and not blocks_of(section, Chart)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "those with a gate above 0.5"),
        ({"keep": 4, "threshold": None}, "the 4 with the highest gates"),
        ({"keep": 0.5, "threshold": None}, "the 50 % with the highest gates"),
        ({"task": "pos"}, "for the task pos"),
        ({"heads": {"before": 8, "after": 8}}, "nothing was removed"),
    ],
)
def test_how_the_heads_were_chosen(run: Path, changed: dict[str, object], words: str) -> None:
    change(run, **changed)
    text = blocks_of(only(sections_of(pruning.sections, run)), Text)[0].text
    assert words in text


def write_scores(run: Path, digest: str) -> None:
    """Evaluations of the run and of its smaller model on a file of this digest."""
    about = {"metric": "accuracy", "examples": 3, "units": 9, "path": "t", "epochs": [0]}
    tasks = {"pos": {**about, "correct": [6], "predicted": [9], "gold": [9], "loss": [1.0]}}
    report = {"schema": {"name": "scores", "version": 1}, "data": "test", "tasks": tasks}
    before = {**report, "data_files": {"t": "same"}}
    (run / "scores.test.json").write_text(json.dumps(before))
    tasks["pos"]["correct"] = [3]
    after = {**report, "data_files": {"t": digest}}
    (run / "pruned" / "scores.test.json").write_text(json.dumps(after))


@pytest.mark.parametrize("digest", ["same", "other"])
def test_scores_before_and_after_are_of_the_same_file(run: Path, digest: str) -> None:
    write_scores(run, digest)
    tables = blocks_of(only(sections_of(pruning.sections, run)), Table)
    assert len(tables) == (2 if digest == "same" else 1)
    if digest == "same":
        assert (cells(tables[1], "before"), cells(tables[1], "after")) == (["66.7"], ["33.3"])
