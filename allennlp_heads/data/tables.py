"""Tables in text files: separated values and JSON lines, each row with its line in the file."""

import csv
import math
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Optional, Union

from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.json_text import load_json
from allennlp_heads.data.lines import LONGEST, data_error, numbered_lines

Column = Union[str, int]
"""A column's name, or its number from 0; negative numbers count from the last, which is -1."""


@dataclass(frozen=True)
class Row:
    """
    A row of a table.

    # Parameters

    path : `str`
        The file.
    line : `int`
        The line that the row begins on, from 1.
    columns : `Sequence[Union[str, int]]`
        The columns of the table.
    cells : `Sequence[Any]`
        What the row has, which a damaged file may have too few or too many of.
    """

    path: str
    line: int
    columns: Sequence[Column]
    cells: Sequence[Any]

    def error(self, problem: str) -> ConfigurationError:
        """The error for this row, to be raised by the caller."""
        return data_error(self.path, self.line, problem)

    def problem(self) -> Optional[str]:
        """What is wrong when the row has not one cell a column; `None` when it has."""
        if len(self.cells) == len(self.columns):
            return None
        return f"{len(self.cells)} fields, expected {len(self.columns)}: {named(self.columns)}."

    def __getitem__(self, column: Column) -> Any:
        try:
            place = column if isinstance(column, int) else self.columns.index(column)
            return self.cells[place]
        except (IndexError, ValueError):
            raise self.error(
                f"there is no column '{column}'; the columns are {named(self.columns)}."
            ) from None

    def number(self, column: Column) -> float:
        """The cell as a finite number; a `ConfigurationError` with file and line if it is none."""
        try:
            value = float(self[column])
        except (TypeError, ValueError):
            value = math.nan
        if not math.isfinite(value):
            raise self.error(f"{column} is '{self[column]}', which is no number.")
        return value


def named(columns: Sequence[Column]) -> str:
    """The columns as messages list them."""
    return ", ".join(map(str, columns))


def table_rows(
    path: str | os.PathLike[str],
    delimiter: str = "\t",
    quoting: bool = False,
    columns: Optional[Sequence[str]] = None,
    header: bool = True,
) -> Iterator[Row]:
    """
    The rows of a table, one at a time. Empty lines are left out.

    # Parameters

    path : `Union[str, PathLike]`
        A file as `numbered_lines` reads it.
    delimiter : `str`, optional (default = `"\\t"`)
        The character between two cells.
    quoting : `bool`, optional (default = `False`)
        Whether `"` around a cell is not part of it; such a cell may hold delimiters, line ends and,
        doubled, quotes. By default quotes are text.
    columns : `Sequence[str]`, optional (default = `None`)
        The names of the columns of a file without header; by default its columns have numbers.
    header : `bool`, optional (default = `True`)
        Whether the first row has the names of the columns.

    # Returns

    `Iterator[Row]`
        Rows can have the wrong number of cells; ask `Row.problem`.

    Raises `ConfigurationError` with file and line for a column name that stands twice in the
    header, wrong quotes, and as `numbered_lines` does.
    """
    records = _quoted(path, delimiter) if quoting else _plain(path, delimiter)
    names: Optional[Sequence[Column]] = columns
    for line, cells in records:
        if header:
            header = False
            names = _header(path, line, cells)
            continue
        if names is None:
            names = range(len(cells))
        yield Row(os.fspath(path), line, names, cells)


def json_rows(path: str | os.PathLike[str]) -> Iterator[Row]:
    """
    The rows of a file with one JSON object a line, whose keys are the columns. Empty lines are left
    out. A `ConfigurationError` with file and line for a line that is none, and as `numbered_lines`
    raises it.
    """
    for line, text in numbered_lines(path):
        if not text.strip():
            continue
        try:
            value = load_json(text)
        except ValueError as error:
            raise data_error(path, line, f"no JSON ({error}).") from error
        if not isinstance(value, dict):
            raise data_error(path, line, 'expected a JSON object, as {"text": ...}.')
        yield Row(os.fspath(path), line, list(value), list(value.values()))


def _header(path: str | os.PathLike[str], line: int, cells: list[str]) -> list[Column]:
    twice = next((cell for cell, count in Counter(cells).items() if count > 1), None)
    if twice is not None:
        raise data_error(path, line, f"the column '{twice}' stands twice in the header.")
    return list(cells)


def _plain(path: str | os.PathLike[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in numbered_lines(path):
        if line:
            yield number, line.split(delimiter)


def _quoted(path: str | os.PathLike[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    first = 1
    length = 0

    def lines() -> Iterator[str]:
        nonlocal length
        for number, line in numbered_lines(path, keep_ends=True):
            length += len(line)
            if length > LONGEST:
                raise data_error(
                    path,
                    first,
                    f"the row from here is longer than {LONGEST} characters on line {number}; is "
                    "a quote never closed?",
                )
            yield line

    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            start, first, length = first, reader.line_num + 1, 0
            if cells:
                yield start, cells
    except csv.Error as error:
        if "new-line" in str(error):  # a carriage return that no line end follows
            raise data_error(
                path,
                first,
                "a carriage return in a cell without quotes; rows end with a line feed, with or "
                "without a carriage return before it. Convert the file or quote the cell.",
            ) from error
        if "field limit" in str(error):
            raise data_error(
                path,
                first,
                f"a cell of more than {csv.field_size_limit()} characters in the row from here, "
                "the most of a quoted cell; is a quote never closed? Longer texts can be given as "
                "JSON lines.",
            ) from error
        raise data_error(
            path,
            first,
            f"wrong quotes in the row from here ({error}); does 'quoting' fit the file?",
        ) from error
