"""Where a file of texts has what: columns by name or number, or one folder a label."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional, Union

from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.dataset_readers.text_reader import TextExample
from allennlp_heads.data.json_text import is_writable
from allennlp_heads.data.lines import data_error, whole_text
from allennlp_heads.data.tables import Column, Row, json_rows, named, table_rows

Columns = Union[int, str, list[Union[int, str]]]


@dataclass(frozen=True)
class DelimitedLayout:
    """
    How to read a file. The parameters are those of `DelimitedTextReader`.
    """

    text: Columns = "text"
    text_pair: Optional[Columns] = None
    label: Optional[Column] = "label"
    score: Optional[Column] = None
    index: Optional[Column] = None
    labels: dict[str, str] = field(default_factory=dict)
    format: Optional[str] = None
    delimiter: Optional[str] = None
    quoting: Optional[bool] = None
    header: bool = True
    columns: Optional[Sequence[str]] = None
    join: str = " "
    replace: dict[str, str] = field(default_factory=dict)

    def examples(self, path: str) -> Iterator[TextExample]:
        """
        The examples of a file or of a folder of folders, one at a time.

        Raises `ConfigurationError` as `DelimitedTextReader` says.
        """
        if os.path.isdir(path):
            yield from self._in_folders(path)
            return
        found = False
        for number, row in enumerate(self._rows(path)):
            found = True
            yield self._example(row, number)
        if not found:
            raise data_error(path, 1, "no example in this file; is it empty or the wrong file?")

    def _rows(self, path: str) -> Iterator[Row]:
        form = self.format or _format_of(path)
        if form == "jsonl":
            return json_rows(path)
        quoting = form == "csv" if self.quoting is None else self.quoting
        delimiter = self.delimiter or {"csv": ",", "tsv": "\t"}[form]
        return table_rows(path, delimiter, quoting, self.columns, self.header)

    def _example(self, row: Row, number: int) -> TextExample:
        problem = row.problem()
        if problem is not None:
            raise row.error(problem)
        example = TextExample(
            index=str(number) if self.index is None else self._name(row, self.index),
            text=self._text(row, self.text),
            text_pair=None if self.text_pair is None else self._text(row, self.text_pair),
            label=None if self.label is None else self._label(row, self.label),
            score=None if self.score is None else row.number(self.score),
        )
        if example.is_blank():
            raise row.error("there is no text in this row.")
        return example

    def _text(self, row: Row, columns: Columns) -> str:
        parts = []
        for column in columns if isinstance(columns, list) else [columns]:
            cell = row[column]
            if not isinstance(cell, str):
                raise row.error(f"'{column}' is {json.dumps(cell)}, but must be a text.")
            parts.append(cell)
        return self._replaced(self.join.join(parts))

    def _replaced(self, text: str) -> str:
        for old, new in self.replace.items():
            text = text.replace(old, new)
        return text

    def _label(self, row: Row, column: Column) -> str:
        label = _label_text(row[column])
        if not label:
            raise row.error(f"'{column}' has no label.")
        self._check_writable(row, column, label)
        if self.labels and label not in self.labels:
            raise row.error(
                f"'{column}' is '{label}', but 'labels' has only {named(list(self.labels))}. Does "
                "'header' fit the file?"
            )
        return self.labels.get(label, label)

    def _name(self, row: Row, column: Column) -> str:
        name = str(row[column])
        self._check_writable(row, column, name)
        return name

    def _check_writable(self, row: Row, column: Column, text: str) -> None:
        """Texts are only read, but labels and names of examples are written into files."""
        if not is_writable(text):
            raise row.error(
                f"'{column}' is '{text}', with half of a surrogate pair, which no file can hold."
            )

    def _in_folders(self, path: str) -> Iterator[TextExample]:
        if not self.labels:
            raise ConfigurationError(
                f"{path} is a folder: give 'labels', the names of the folders in it whose files "
                "are to be read, or the path of one file."
            )
        files = [file for label in self.labels for file in _texts_in(Path(path, label))]
        # by name first, so that the first files are not all of one label
        for file in sorted(files, key=lambda file: (file.name, file.parent.name)):
            folder = file.parent.name
            text = whole_text(file)
            text = self._replaced(text.removesuffix("\n").removesuffix("\r"))
            if not text.strip():
                raise data_error(file, 1, "there is no text in this file.")
            yield TextExample(f"{folder}/{file.name}", text, label=self.labels[folder])


def _format_of(path: str) -> str:
    ending = Path(path.removesuffix(".gz")).suffix.lower()
    return {".csv": "csv", ".jsonl": "jsonl", ".json": "jsonl"}.get(ending, "tsv")


def _label_text(value: Any) -> str:
    """A label of a JSON file can be a number or a truth value."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _texts_in(folder: Path) -> list[Path]:
    files = list(folder.glob("*.txt"))
    if not files:
        raise ConfigurationError(
            f"{folder}: no file here ends in .txt. 'labels' names the folders to read."
        )
    return files
