"""The section on important-head training."""

from __future__ import annotations

from pathlib import Path

import numpy

from allennlp_heads.reports.page.blocks import HeadGrids, Table
from allennlp_heads.reports.page.sections.important_heads import sections
from tests.reports.page.sections.looking import (
    blocks_of,
    content_of,
    names,
    only,
    report_alone,
    sections_of,
)

NAME = "important_head_training"


def test_one_choice(specimen: Path) -> None:
    (choice,) = content_of(specimen, NAME)["choices"]
    section = only(sections_of(sections, specimen))
    (grids,) = blocks_of(section, HeadGrids)
    assert names(grids) == [*choice["masks"], "share of the tasks"] and not grids.frames
    masks = [numpy.array(mask) for mask in choice["masks"].values()]
    for grid, mask in zip(grids.grids, [*masks, numpy.mean(masks, axis=0)], strict=True):
        numpy.testing.assert_array_equal(grid.values, mask)
    (table,) = blocks_of(section, Table)
    counts = [*choice["heads_of_task"].values(), choice["heads_of_all_tasks"]]
    assert list(table.rows[0])[1:4] == [str(count) for count in counts]


def test_several_choices(specimen: Path, tmp_path: Path) -> None:
    """And a head that is not there."""
    content = content_of(specimen, NAME)
    content["exists"][2][3] = 0
    choices = [{**content["choices"][0], "update": update} for update in (20, 1240)]
    changed = {"choices": choices, "exists": content["exists"]}
    folder = report_alone(specimen, NAME, tmp_path / "run", **changed)
    (grids,) = blocks_of(only(sections_of(sections, folder)), HeadGrids)
    assert list(grids.frames) == ["after 20 updates", "after 1,240 updates"]
    assert numpy.argwhere(numpy.isnan(grids.grids[0].values)).tolist() == [[0, 2, 3], [1, 2, 3]]


def test_before_the_phase(specimen: Path, tmp_path: Path) -> None:
    assert not sections_of(sections, report_alone(specimen, NAME, tmp_path / "run", choices=[]))


def test_heads_that_were_not_chosen_by_importance(specimen: Path, tmp_path: Path) -> None:
    choice = {**content_of(specimen, NAME)["choices"][0], "importance": {}, "examples": {}}
    folder = report_alone(specimen, NAME, tmp_path / "run", chosen="random", choices=[choice])
    (grids,) = blocks_of(only(sections_of(sections, folder)), HeadGrids)
    assert names(grids)[:-1] == list(choice["masks"]) and not grids.grids[0].details
