"""The section on dissociation."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

from allennlp_heads.reports.files import read_arrays
from allennlp_heads.reports.page.blocks import Chart, HeadGrids, Table
from allennlp_heads.reports.page.sections.dissociation import sections
from tests.reports.page.sections.looking import (
    blocks_of,
    cells,
    content_of,
    names,
    only,
    report_alone,
    sections_of,
)


def test_matrices_tables_and_curves(specimen: Path) -> None:
    content = content_of(specimen, "dissociation")
    section, tasks = only(sections_of(sections, specimen)), content["tasks"]
    *matrices, curves = blocks_of(section, Chart)
    assert len(matrices) == len(content["results"]) == 2
    for chart, result in zip(matrices, content["results"], strict=True):
        rows = chart.spec["data"]["values"]
        found = {(row["y"], row["x"]): row["value"] for row in rows}
        for mask in tasks:
            for task in tasks:
                share = result["relative"][mask][task]
                assert found[f"heads of {mask}", task] == pytest.approx(100 * share)
        assert found["random heads", tasks[0]] == 100 * result["relative_random"][tasks[0]]
        assert f"{result['masked']} of 72 heads masked" in chart.title
    points = curves.spec["data"]["values"]
    wanted = [result["d"][task]["value"] for result in content["results"] for task in tasks]
    assert [point["y"] for point in points] == wanted
    scores, own, pairs = blocks_of(section, Table)[:3]
    assert cells(scores, "masked") == [
        *(f"heads of {t}" for t in tasks),
        "random heads",
        "no heads",
    ]
    lower = content["results"][0]["d"][tasks[0]]["lower"]
    assert own.rows[0][2].startswith(f"{lower:.2f} to ")
    assert cells(pairs, "A") == [tasks[0]] and cells(pairs, "B") == [tasks[1]]


def test_masks(specimen: Path) -> None:
    masks = read_arrays(specimen / "heads" / "dissociation.npz")["own_masks"]
    (grids,) = blocks_of(only(sections_of(sections, specimen)), HeadGrids)
    assert names(grids) == content_of(specimen, "dissociation")["tasks"]
    assert list(grids.frames) == ["7 of 72 heads masked", "21 of 72 heads masked"]
    for place, grid in enumerate(grids.grids):
        numpy.testing.assert_array_equal(grid.values, masks[:, :, place].mean(axis=0))


def test_heads_that_were_closed_are_left_open_where_they_are(
    specimen: Path, tmp_path: Path
) -> None:
    """They lie scattered over a layer, not at its end."""
    folder = report_alone(specimen, "dissociation", tmp_path / "run")
    file = next(folder.rglob("dissociation.npz"))
    arrays = dict(read_arrays(file))
    arrays["exists"] = numpy.arange(72).reshape(6, 12) % 3 != 0
    numpy.savez(file, **arrays)
    (grids,) = blocks_of(only(sections_of(sections, folder)), HeadGrids)
    for place, grid in enumerate(grids.grids):
        shown = numpy.where(
            arrays["exists"], arrays["own_masks"][:, :, place].mean(axis=0), numpy.nan
        )
        numpy.testing.assert_array_equal(grid.values, shown)


def test_one_share_of_masked_heads(specimen: Path, tmp_path: Path) -> None:
    results = content_of(specimen, "dissociation")["results"][:1]
    folder = report_alone(specimen, "dissociation", tmp_path / "run", results=results)
    section = only(sections_of(sections, folder))
    assert len(blocks_of(section, Chart)) == 1
    (grids,) = blocks_of(section, HeadGrids)
    assert not grids.frames and grids.grids[0].values.shape == (6, 12)
