"""Charts are specifications that Vega-Lite takes, whatever their data is called."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy
import pytest

from allennlp_heads.reports.page import charts, style

vl_convert = pytest.importorskip("vl_convert")

HOSTILE = "a.b['c']</script>"
ROWS = [
    {HOSTILE: place, "score": 0.1 * place, "low": 0.0, "high": 1.0, "task": task}
    for task in ("pos", "dep")
    for place in range(3)
]


def svg(spec: dict[str, Any]) -> str:
    sized = {**spec, "width": 500, "config": style.config()}
    drawn: str = vl_convert.vegalite_to_svg(json.dumps(sized))
    return drawn


def specs() -> dict[str, dict[str, Any]]:
    ends = ("low", "high")
    return {
        "lines": charts.lines(ROWS, HOSTILE, "score", "task", "epoch", "score", ends),
        "dots": charts.dots(ROWS, HOSTILE, "score", *ends, "task", "score", rule=0.1),
        "bars": charts.bars(ROWS, HOSTILE, "score", "task", "score"),
        "matrix": charts.matrix(ROWS, HOSTILE, "task", "score", diverging=True),
    }


@pytest.mark.parametrize("name", ["lines", "dots", "bars", "matrix"])
def test_vega_draws_it_and_names_its_marks(name: str) -> None:
    drawn = svg(specs()[name])
    assert "NaN" not in drawn and "undefined" not in drawn
    assert 'role="graphics-symbol"' in drawn and "aria-label=" in drawn


@pytest.mark.parametrize("name", ["lines", "dots", "bars", "matrix"])
def test_no_name_out_of_data_becomes_a_field(name: str) -> None:
    spec = specs()[name]
    assert all(HOSTILE not in row for row in spec["data"]["values"])
    assert HOSTILE not in json.dumps([spec.get("encoding"), spec["layer"]]).replace(
        '"title": ' + json.dumps(HOSTILE), ""
    )


def test_series_differ_in_more_than_colour() -> None:
    spec = specs()["lines"]
    seen = {**spec["encoding"], **spec["layer"][1]["encoding"], **spec["layer"][2]["encoding"]}
    for channel in ("color", "strokeDash", "shape"):
        scale = seen[channel]["scale"]
        assert scale["domain"] == ["pos", "dep"] and len({str(one) for one in scale["range"]}) == 2


def test_one_series_needs_no_legend() -> None:
    spec = charts.lines(ROWS[:3], HOSTILE, "score", "task", "epoch", "score")
    assert spec["encoding"]["color"]["legend"] is None


def test_numbers_are_plain_and_gaps_have_none() -> None:
    rows = [{"x": 1, "y": numpy.float32(0.5)}, {"x": 2, "y": math.nan}, {"x": 3}]
    spec = charts.lines(rows, "x", "y", None, "x", "y")
    assert spec["data"]["values"] == [{"x": 1, "y": 0.5}, {"x": 2, "y": None}, {"x": 3, "y": None}]
    json.dumps(spec, allow_nan=False)


def test_details_are_shown_at_a_mark() -> None:
    rows = [{"x": "a", "y": "b", "v": 0.5, "p.value": 0.01}]
    spec = charts.matrix(rows, "x", "y", "v", details={"p.value": "p"})
    shown = spec["layer"][0]["encoding"]["tooltip"]
    assert {"field": "detail0", "title": "p", "type": "quantitative", "format": ",.4~g"} in shown
    assert spec["data"]["values"][0]["detail0"] == 0.01


def test_a_matrix_writes_signs_and_marks_what_is_missing() -> None:
    rows = [{"x": "a", "y": y, "v": value} for y, value in (("p", 0.5), ("q", -0.25), ("r", None))]
    drawn = svg(charts.matrix(rows, "x", "y", "v", diverging=True))
    assert all(f">{text}<" in drawn for text in ("+0.50", "\u22120.25", "\u2013"))


def test_colours_of_scales_get_darker_all_the_way() -> None:
    def light(colour: str) -> float:
        red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    steps = [light(colour) for colour in style.SEQUENTIAL]
    assert steps == sorted(steps, reverse=True) and steps[0] == 255
    ends = [light(colour) for colour in style.DIVERGING]
    middle = len(ends) // 2
    assert ends[: middle + 1] == sorted(ends[: middle + 1]) and ends[middle] == 255
    assert ends[middle:] == sorted(ends[middle:], reverse=True)


def test_points_at_one_height_say_which() -> None:
    rows = [{"trial": place, "score": 0.1115} for place in range(3)]
    assert ">0.1115<" in svg(charts.points(rows, "trial", "score", "trial", "score"))
    rows[0]["score"] = 0.2
    assert ">0.1115<" not in svg(charts.points(rows, "trial", "score", "trial", "score"))
