"""Blocks refuse what could not be drawn."""

from __future__ import annotations

import numpy
import pytest

from allennlp_heads.reports.page.blocks import Grid, HeadGrids, Table

ONE = numpy.zeros((3, 4))
TWO = numpy.zeros((2, 3, 4))


def test_rows_have_as_many_cells_as_there_are_columns() -> None:
    with pytest.raises(ValueError, match=r"2 columns, but the row \['a'\]"):
        Table(["x", "y"], [["a", "b"], ["a"]])


def test_details_have_the_shape_of_the_values() -> None:
    with pytest.raises(ValueError, match=r"pos: 'low' has shape \(4, 3\)"):
        Grid("pos", ONE, {"low": ONE.T})
    with pytest.raises(ValueError, match="pos: values of shape"):
        Grid("pos", numpy.zeros(3))


def test_every_frame_has_a_name() -> None:
    assert HeadGrids("t", [Grid("a", TWO)], "gate", ["one", "two"]).frames == ["one", "two"]
    assert HeadGrids("t", [Grid("a", ONE)], "gate").frames == ()
    with pytest.raises(ValueError, match="t, b: 0 frames"):
        HeadGrids("t", [Grid("a", TWO), Grid("b", ONE)], "gate", ["one", "two"])
    with pytest.raises(ValueError, match="no grids"):
        HeadGrids("t", [], "gate")
