"""Numbers of reports as the texts of a table's cells; what a report has as `null` is a dash."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy

from allennlp_heads.reports.markup import MARKDOWN, p_number

UNDEFINED = MARKDOWN.undefined


def number(value: float | None, digits: int = 2, sign: bool = False) -> str:
    """With so many digits behind the point, and with `+` where `sign` is wanted."""
    if value is None or math.isnan(value):
        return UNDEFINED
    rounded = round(value, digits) + 0.0  # no zero below zero
    return f"{rounded:{'+' if sign else ''}.{digits}f}"


def interval(low: float | None, high: float | None, digits: int = 2, sign: bool = False) -> str:
    """As `0.1 to 0.3`."""
    if low is None or high is None:
        return UNDEFINED
    return f"{number(low, digits, sign)} to {number(high, digits, sign)}"


def between(values: Sequence[float]) -> str:
    """As `3 to 5`, from the lowest to the highest, in whole numbers; `3` where all are equal."""
    ends = (f"{value:.0f}" for value in (min(values), max(values)))
    return " to ".join(dict.fromkeys(ends))


def p_cell(p_value: float | None) -> str:
    """As `0.012` or `< 0.0001`."""
    return UNDEFINED if p_value is None else p_number(p_value)


def spread(mean: float | None, std: float | None, digits: int = 2) -> str:
    """As `71.20 ± 0.31`; without a standard deviation the mean alone."""
    text = number(mean, digits)
    return text if std is None else f"{text} ± {number(std, digits)}"


def times_100(value: float | None) -> float | None:
    """A share in percent, or a difference of shares in points."""
    return None if value is None else 100 * value


def filled(table: Sequence[Sequence[float | None]]) -> numpy.ndarray:
    """The array of a JSON table, `nan` for `null`."""
    return numpy.array(table, dtype=float)
