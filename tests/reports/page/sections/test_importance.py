"""The section on importance."""

from __future__ import annotations

from pathlib import Path

import numpy

from allennlp_heads.reports.page.blocks import HeadGrids, Table
from allennlp_heads.reports.page.sections.importance import sections
from tests.reports.page.sections.looking import (
    blocks_of,
    cells,
    content_of,
    names,
    only,
    report_alone,
    sections_of,
)


def test_grids_and_tables(specimen: Path) -> None:
    tasks = content_of(specimen, "importance")["tasks"]
    section = only(sections_of(sections, specimen))
    (grids,) = blocks_of(section, HeadGrids)
    assert names(grids) == list(tasks) and not grids.diverging
    examples, *tops = blocks_of(section, Table)
    assert cells(examples, "task") == list(tasks)
    for grid, top, found in zip(grids.grids, tops, tasks.values(), strict=True):
        # one head is removed and one closed
        assert numpy.argwhere(numpy.isnan(grid.values)).tolist() == [[0, 0], [0, 1]]
        scores = numpy.array(found["scores"])
        numpy.testing.assert_allclose(grid.values[1:], scores[1:] / scores.max())
        layer, head = found["top"][0]
        assert top.rows[0][:2] == [f"{layer + 1}.{head + 1}", "1.00"]
        low, high = (found[key][layer][head] / scores.max() for key in ("lower", "upper"))
        assert top.rows[0][2] == f"{low:.2f} to {high:.2f}"
        assert grid.details["lower end"][layer, head] == low


def test_a_signed_measure(specimen: Path, tmp_path: Path) -> None:
    tasks = content_of(specimen, "importance")["tasks"]
    first, found = next(iter(tasks.items()))
    found["scores"][5] = [-2 * score for score in found["scores"][5]]
    folder = report_alone(specimen, "importance", tmp_path / "run", tasks={first: found})
    (grids,) = blocks_of(only(sections_of(sections, folder)), HeadGrids)
    assert grids.diverging and grids.limits == (-1.0, 1.0)
    assert numpy.nanmax(abs(grids.grids[0].values)) == 1


def test_a_loss_that_depends_on_no_head(specimen: Path, tmp_path: Path) -> None:
    keys = ("examples", "available", "loss", "closed", "scores")
    tasks = content_of(specimen, "importance")["tasks"]
    flat = {
        task: {**{key: found[key] for key in keys}, "all_zero": True, "top": []}
        for task, found in tasks.items()
    }
    folder = report_alone(specimen, "importance", tmp_path / "run", tasks=flat)
    section = only(sections_of(sections, folder))
    assert not blocks_of(section, HeadGrids)
    (table,) = blocks_of(section, Table)
    assert "depends on no head" in table.caption and set(cells(table, "by chance, %")) == {"–"}
