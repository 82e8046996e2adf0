"""Numbers as texts of cells."""

import math

import pytest

from allennlp_heads.reports.page.cells import (
    between,
    filled,
    interval,
    number,
    p_cell,
    spread,
)


@pytest.mark.parametrize(
    "value, digits, sign, text",
    [
        (0.125, 3, False, "0.125"),
        (1.5, 1, True, "+1.5"),
        (-0.004, 2, True, "+0.00"),
        (-0.004, 2, False, "0.00"),
        (None, 2, False, "–"),
        (math.nan, 2, True, "–"),
    ],
)
def test_numbers(value: float, digits: int, sign: bool, text: str) -> None:
    assert number(value, digits, sign) == text


def test_what_is_not_known_is_a_dash() -> None:
    assert interval(None, 1.0) == p_cell(None) == "–"
    assert interval(-1.0, 2.0, 1, sign=True) == "-1.0 to +2.0"
    assert spread(71.2, None, 1) == "71.2" and spread(71.2, 0.31, 1) == "71.2 ± 0.3"
    assert math.isnan(filled([[1.0, None]])[0, 1])


def test_equal_numbers_are_said_once() -> None:
    assert between([5, 3, 4]) == "3 to 5"
    assert between([3]) == between([3.1, 2.9]) == "3"
