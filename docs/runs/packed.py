"""
Counts of every example as short columns of a record. A column is one of

- a number that is the same for all examples,
- a text with a digit (0 to 9, a to z) for each example,
- `{"values": [...], "places": "..."}` where few numbers occur often: for each example the place of
  its number among them, in equally many digits,
- a list with a number for each example.

Numbers come back exactly as they were.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy

from allennlp_heads.analysis.measures import measure_of

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_BASE = len(_DIGITS)

Columns = list[Any]
"""The columns of one task's counts; see above."""


def pack(counts: numpy.ndarray, source: str = "counts") -> Columns:
    """
    Counts `[examples, K]` as the columns of a record. Raises `ValueError` that names their source
    where NaN or infinity is among them.
    """
    if not numpy.isfinite(counts).all():
        raise ValueError(f"{source}: NaN or infinity is among the counts, so the run went wrong")
    columns = [_column(values) for values in counts.T.tolist()]
    if all(isinstance(column, (int, float)) for column in columns):
        columns[0] = counts[:, 0].tolist()  # or nothing would tell how many there are
    return columns


def unpack(columns: Columns) -> numpy.ndarray:
    """
    Counts `[examples, K]` of the columns of a record. Raises `ValueError` where they are of
    different lengths or cannot be read.
    """
    read = [_numbers(column) for column in columns]
    lengths = {len(values) for values in read if isinstance(values, list)}
    if len(lengths) != 1:
        raise ValueError(f"columns of {sorted(lengths)} examples")
    (length,) = lengths
    return numpy.array(
        [values if isinstance(values, list) else [values] * length for values in read]
    ).T


def checked(path: Path, task: str, metric: str | None, columns: Columns) -> numpy.ndarray:
    """
    The counts `[examples, K]` of a task. Raises `ValueError` that names `path` where they cannot be
    read, or are not those that the metric takes.
    """
    try:
        counts = unpack(columns)
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise ValueError(f"{path}: the counts of {task} cannot be read: {error}") from error
    measure = measure_of(metric)
    if counts.shape[1] != len(measure.columns):
        raise ValueError(f"{path}: the counts of {task} must be {', '.join(measure.columns)}")
    if not numpy.isfinite(counts).all():
        raise ValueError(f"{path}: NaN or infinity is among the counts of {task}")
    return counts


def check_score(
    path: Path, task: str, metric: str | None, counts: numpy.ndarray, score: float
) -> None:
    """Whether a score follows from counts. Raises `ValueError` that names `path`."""
    counted = float(measure_of(metric).of_examples(counts))
    if abs(counted - score) > 1e-4:
        raise ValueError(
            f"{path}: the counts of {task} make {counted:.6f}, but its {metric} is {score:.6f}"
        )


def _column(values: list[Any]) -> Any:
    distinct = list(dict.fromkeys(values))
    if len(distinct) == 1:
        return values[0]
    if all(value == int(value) and 0 <= value < _BASE for value in distinct):
        return "".join(_DIGITS[int(value)] for value in values)
    width = _width(len(distinct))
    if 2 * len(distinct) > len(values):
        return values
    written = {value: _written(place, width) for place, value in enumerate(distinct)}
    return {"values": distinct, "places": "".join(written[value] for value in values)}


def _numbers(column: Any) -> Any:
    if isinstance(column, str):
        return [int(digit, _BASE) for digit in column]
    if isinstance(column, dict):
        values, places = column["values"], column["places"]
        width = _width(len(values))
        starts = range(0, len(places), width)
        return [values[int(places[start : start + width], _BASE)] for start in starts]
    return column


def _width(number: int) -> int:
    """Digits that tell so many apart."""
    return 1 if number <= _BASE else 1 + _width(-(-number // _BASE))


def _written(place: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        place, digit = divmod(place, _BASE)
        digits = _DIGITS[digit] + digits
    return digits
