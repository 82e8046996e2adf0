"""A similarity of tasks from a file: a square table as CSV, or nested JSON."""

from __future__ import annotations

import csv
import logging
import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.json_text import load_json
from allennlp_heads.data.lines import one_line, whole_text

logger = logging.getLogger(__name__)

Pairs = dict[tuple[str, str], float]


def read_similarity(path: str) -> Pairs:
    """
    Read a number for each pair of tasks. What stands on the diagonal is passed over.

    # Parameters

    path : `str`
        `.csv`: names of tasks in the first line and in the first column, numbers between; an empty
        cell is a pair without a number. `.json`: `{"a": {"b": 0.5}}`; one order of a pair is
        enough.

    # Returns

    `Dict[Tuple[str, str], float]`
        Pair -> number, each pair in alphabetical order. Where the file has both orders and they
        differ, it is their mean, with a warning.

    Raises `ConfigurationError` that names the file, and the line or key, for a file that cannot be
    read, a name that occurs twice, and what is no finite number.
    """
    file = Path(path)
    if file.suffix.lower() not in (".csv", ".json"):
        raise ConfigurationError(f"--similarity {path}: give a file that ends in .csv or .json")
    try:
        text = whole_text(path)
    except ConfigurationError as error:
        raise ConfigurationError(f"--similarity: cannot read {path}: {error}") from error
    cells = _csv_cells(path, text) if file.suffix.lower() == ".csv" else _json_cells(path, text)
    given: Pairs = {}
    for place, one, other, value in cells:
        if one != other:
            given[one, other] = _number(place, value)
    return _symmetric(path, given)


def _csv_cells(path: str, text: str) -> Iterable[tuple[str, str, str, Any]]:
    reader = csv.reader(text.splitlines())
    try:
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise ConfigurationError(f"{path}, line {reader.line_num}: {error}") from error
    lines = [(number, row) for number, row in rows if any(row)]
    if not lines:
        raise ConfigurationError(f"{path} is empty: give a square table with the names of tasks")
    names = lines[0][1][1:]
    _check_unique(f"{path}, line {lines[0][0]}", names)
    _check_unique(f"{path}, first column", [row[0] for _, row in lines[1:]])
    for number, row in lines[1:]:
        if len(row) != len(names) + 1:
            raise ConfigurationError(
                f"{path}, line {number}: {len(row)} cells, but the first line has "
                f"{len(names) + 1}: a task's name and a number for each of {', '.join(names)}"
            )
        for name, cell in zip(names, row[1:]):
            if cell:
                yield f"{path}, line {number}, column '{name}'", row[0], name, cell


def _json_cells(path: str, text: str) -> Iterable[tuple[str, str, str, Any]]:
    try:
        table = load_json(text)
    except ValueError as error:
        raise ConfigurationError(f"{path} is no JSON: {error}") from error
    if not isinstance(table, dict) or not all(isinstance(row, dict) for row in table.values()):
        raise ConfigurationError(
            f'{path}: give a number for each pair of tasks, as in {{"a": {{"b": 0.5, "c": 0.1}}, '
            '"b": {"c": 0.3}}'
        )
    for one, row in table.items():
        for other, value in row.items():
            if value is not None:
                yield f"{path}, {one}.{other}", one, other, value


def _check_unique(place: str, names: list[str]) -> None:
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise ConfigurationError(one_line(f"{place}: {', '.join(twice)} occurs more than once"))


def _number(place: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or isinstance(value, bool):
        raise ConfigurationError(one_line(f"{place}: {value!r} is no finite number"))
    return number


def _symmetric(path: str, given: Pairs) -> Pairs:
    symmetric: Pairs = {}
    for pair in sorted({(min(pair), max(pair)) for pair in given}):
        found = [given[order] for order in (pair, pair[::-1]) if order in given]
        if not math.isclose(found[0], found[-1], rel_tol=1e-6, abs_tol=1e-9):
            logger.warning(
                "%s is not symmetric: %s and %s have %g and %g; their mean is taken",
                *(path, *pair, *found),
            )
        symmetric[pair] = sum(found) / len(found)
    return symmetric
