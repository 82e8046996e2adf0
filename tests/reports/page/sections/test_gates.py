"""Gates, targets and phases of a run."""

import json
from pathlib import Path

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.page.blocks import Chart, HeadGrids, Table, Text
from allennlp_heads.reports.page.sections import gates, phases, sparsity
from tests.reports.gate_runs import write_run
from tests.reports.page.sections.looking import (
    blocks_of,
    cells,
    content_of,
    names,
    only,
    report_alone,
    sections_of,
)

GRIDS = {
    "pos": numpy.array([[1.0, 0.3, 0.0], [0.0, 0.0005, 0.6]]),
    "dep": numpy.array([[0.0, 0.0, 0.0], [1.0, 0.7, 0.9]]),
}


def test_frames_go_from_before_training_to_the_archive(tmp_path: Path) -> None:
    write_run(tmp_path, GRIDS, ["pos", "dep"], epochs=3)
    section = only(sections_of(gates.sections, tmp_path))
    (found,) = blocks_of(section, HeadGrids)
    assert names(found) == ["pos", "dep"]
    assert found.frames[0] == "before training" and found.frames[1] == "after 1 epoch"
    assert found.frames[-1] == "archived (after 3 epochs)" and len(found.frames) == 5
    pos = found.grids[0].values
    assert (pos[0] == 1).all()
    assert numpy.allclose(pos[-1], GRIDS["pos"], atol=1e-4)


def test_open_heads_are_counted_at_both_thresholds(tmp_path: Path) -> None:
    write_run(tmp_path, GRIDS, ["pos", "dep"])
    section = only(sections_of(gates.sections, tmp_path))
    (table,) = blocks_of(section, Table)
    assert cells(table, "open") == ["3", "3"]
    assert cells(table, "above 0.5") == ["2", "3"]
    assert "Open heads: 3 of 6 in 2 sets of gates." in blocks_of(section, Text)[1].text
    by_epoch, by_layer = blocks_of(section, Chart)
    layers = by_layer.spec["data"]["values"]
    assert [row["value"] for row in layers] == [2, 1, 0, 3]
    # 0 is before training, when all are open
    first = by_epoch.spec["data"]["values"][0]
    assert (first["x"], first["y"]) == (0, 6)


def test_a_set_is_called_after_the_tasks_it_serves(tmp_path: Path) -> None:
    write_run(tmp_path, GRIDS["pos"], ["pos", "dep"])
    (found,) = blocks_of(only(sections_of(gates.sections, tmp_path)), HeadGrids)
    assert names(found) == ["pos + dep"]


def test_heads_that_do_not_exist_have_no_number(tmp_path: Path) -> None:
    exists = numpy.array([[True, True, False], [True, True, True]])
    write_run(tmp_path, GRIDS["pos"], exists=exists)
    section = only(sections_of(gates.sections, tmp_path))
    values = blocks_of(section, HeadGrids)[0].grids[0].values
    assert (numpy.isnan(values) == ~exists).all()
    assert cells(blocks_of(section, Table)[0], "heads") == ["5"]


def test_a_training_that_goes_on_has_no_archive(tmp_path: Path) -> None:
    write_run(tmp_path, GRIDS["pos"], epochs=2, finished=False)
    section = only(sections_of(gates.sections, tmp_path))
    assert blocks_of(section, Text)[1].text == "Open heads after 2 epochs: 3 of 6."
    assert blocks_of(section, HeadGrids)[0].frames[-1] == "after 2 epochs"


def test_damaged_gates_are_named(tmp_path: Path) -> None:
    write_run(tmp_path, GRIDS["pos"])
    numpy.savez(tmp_path / "heads" / "gates.npz", epochs=[0])
    with pytest.raises(ConfigurationError, match="gates.json"):
        sections_of(gates.sections, tmp_path)


def test_sparsity_says_when_the_target_was_reached(specimen: Path, tmp_path: Path) -> None:
    alone = report_alone(specimen, "sparsity", tmp_path / "one")
    section = only(sections_of(sparsity.sections, alone))
    assert "reached first after epoch 5 of 5" in blocks_of(section, Text)[1].text
    (table,) = blocks_of(section, Table)
    assert cells(table, "closed") == cells(table, "wanted") == ["36", "36"]
    closed, _ = blocks_of(section, Chart)
    target = [row["y"] for row in closed.spec["data"]["values"] if row["series"] == "target"]
    assert target == [50.0] * 5


def test_sparsity_says_when_it_was_not(specimen: Path, tmp_path: Path) -> None:
    epochs = content_of(specimen, "sparsity")["epochs"][:2]
    alone = report_alone(specimen, "sparsity", tmp_path / "one", epochs=epochs, best_epoch=1)
    section = only(sections_of(sparsity.sections, alone))
    assert "No epoch of 2 reached it" in blocks_of(section, Text)[1].text
    assert set(cells(blocks_of(section, Table)[0], "first reached after epoch")) == {"–"}


def test_phases_count_updates_from_one(specimen: Path, tmp_path: Path) -> None:
    alone = report_alone(specimen, "phases", tmp_path / "one")
    section = only(sections_of(phases.sections, alone))
    (table,) = blocks_of(section, Table)
    assert cells(table, "updates") == ["1 to 10", "11 to 20"]
    assert cells(table, "epochs") == ["1", "2"]
    assert cells(table, "starts anew") == ["", "moments of the optimizer"]
    assert "round" not in table.columns
    (chart,) = blocks_of(section, Chart)
    rows = chart.spec["data"]["values"]
    assert [(row["first"], row["end"]) for row in rows] == [(0, 10), (10, 20)]


def test_phases_that_are_not_done_are_said(specimen: Path, tmp_path: Path) -> None:
    alone = report_alone(specimen, "phases", tmp_path / "one", trained_updates=12)
    assert (
        "12 of the updates are done"
        in blocks_of(only(sections_of(phases.sections, alone)), Text)[0].text
    )


@pytest.mark.parametrize("of", [gates, sparsity, phases])
def test_nothing_is_shown_of_what_was_not_done(of: object, tmp_path: Path) -> None:
    (tmp_path / "metrics.json").write_text(json.dumps({"best_epoch": 0}))
    assert sections_of(of.sections, tmp_path) == []  # type: ignore[attr-defined]


def test_equal_courses_are_one_line(tmp_path: Path) -> None:
    grids = {**GRIDS, "ner": GRIDS["pos"]}
    write_run(tmp_path, grids, ["pos", "dep", "ner"])
    by_epoch = blocks_of(only(sections_of(gates.sections, tmp_path)), Chart)[0]
    counts = [numpy.count_nonzero(grid > 0.001) for grid in grids.values()]
    assert counts[0] == counts[1] == counts[2] == 3, "all three have as many"
    rows = by_epoch.spec["data"]["values"]
    assert {row["series"] for row in rows} == {"pos = dep = ner"}
    assert by_epoch.description.endswith("Equal in all epochs, and one line: pos, dep, ner.")
    write_run(tmp_path / "other", {**grids, "dep": GRIDS["dep"] * 0}, ["pos", "dep", "ner"])
    by_epoch = blocks_of(only(sections_of(gates.sections, tmp_path / "other")), Chart)[0]
    rows = by_epoch.spec["data"]["values"]
    assert {row["series"] for row in rows} == {"pos = ner", "dep"}
    assert [row["y"] for row in rows if row["series"] == "dep"][-1] == 0
