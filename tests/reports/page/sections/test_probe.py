"""The section on probes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from shutil import copytree

import numpy

from allennlp_heads.reports.page.blocks import Chart, HeadGrids, Table, Text
from allennlp_heads.reports.page.sections.names import isolated
from allennlp_heads.reports.page.sections.probe import sections
from allennlp_heads.reports.probing.files import read_probe, write_probe
from tests.reports.page.sections.looking import blocks_of, cells, names, only, sections_of
from tests.reports.probing.results import probe_result


def test_labels_beside_their_baselines(specimen: Path) -> None:
    results = read_probe(specimen)
    section = only(sections_of(sections, specimen))
    tables, charts = blocks_of(section, Table), blocks_of(section, Chart)
    for (task, result), table, chart in zip(results.items(), tables, charts, strict=True):
        assert table.caption.startswith(f"{isolated(task)}: 120 scored items")
        said = cells(table, "label")
        assert said[0] == "all items, each by its label's head" and len(said) == 3 + 12
        for score, name, accuracy in zip(result.labels, said[3:], cells(table, "accuracy")[3:]):
            assert name.startswith(score.label)
            assert accuracy.startswith(f"{100 * score.accuracy:.1f} [")
        drawn = [row for row in chart.spec["data"]["values"] if row["series"] == "its head"]
        assert [row["value"] for row in drawn] == [100 * score.accuracy for score in result.labels]
    texts = [block.text for block in blocks_of(section, Text)]
    assert sum("maximum spanning tree" in text for text in texts) == 1


def test_every_head(specimen: Path) -> None:
    results = read_probe(specimen)
    for result, grids in zip(
        results.values(), blocks_of(only(sections_of(sections, specimen)), HeadGrids), strict=True
    ):
        assert names(grids)[0] == "all labels" and len(grids.grids) == 1 + len(result.labels)
        for place, grid in enumerate(grids.grids[1:]):
            assert result.labels[place].label in grid.name
            assert (numpy.isnan(grid.values) == ~result.exists).all()
            numpy.testing.assert_allclose(grid.values, 100 * result.accuracy[place])
        assert list(grids.grids[0].details) == ["entropy", "offset"]


def test_epochs_are_part_of_the_whole(specimen: Path, tmp_path: Path) -> None:
    folder = copytree(specimen / "heads", tmp_path / "heads").parent
    (task, last) = next(iter(read_probe(specimen).items()))
    for epoch in (0, 1, 10):
        found = replace(probe_result(shape=(6, 12), seed=epoch), epoch=epoch)
        place = folder / "heads" / "probe_epochs" / str(epoch)
        write_probe(place, {task: found}, {}, figures=False)
    section = only(sections_of(sections, folder))
    frames = [grids.frames for grids in blocks_of(section, HeadGrids) if grids.frames]
    assert frames == [["epoch 1", "epoch 2", "epoch 11"]]
    (curve,) = [chart for chart in blocks_of(section, Chart) if "by epoch" in chart.title]
    rows = [row for row in curve.spec["data"]["values"] if row["series"] == "all items"]
    assert [row["x"] for row in rows] == [1, 2, 11]
    assert all(row["low"] < row["y"] < row["high"] for row in rows)
