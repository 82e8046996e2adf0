import csv
import json
from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.data.tables import json_rows, table_rows

CELL = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff\0")
    | st.sampled_from('",;\n\r\t '),
    max_size=8,
)
ROWS = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=6)
)


def _write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


@given(rows=ROWS, delimiter=st.sampled_from(",;\t"), end=st.sampled_from(["\n", "\r\n"]))
def test_quoted_cells_come_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str, end: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "quoted.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
        writer.writerows(rows)
    read = list(table_rows(path, delimiter, quoting=True, header=False))
    assert [list(row.cells) for row in read] == rows
    assert [row.line for row in read] == _first_lines(rows)


def _first_lines(rows: list[list[str]]) -> list[int]:
    lines, line = [], 1
    for row in rows:
        lines.append(line)
        line += 1 + sum(cell.count("\n") for cell in row)
    return lines


@given(
    rows=st.lists(
        st.lists(st.text(st.sampled_from("ab\"' ,\u2028")), min_size=2, max_size=2), min_size=1
    )
)
def test_quotes_are_text_by_default(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "plain.tsv"
    _write(path, "one\ttwo\n" + "".join("\t".join(row) + "\n" for row in rows))
    assert [list(row.cells) for row in table_rows(path)] == rows


def test_columns_by_name_and_number(tmp_path: Path) -> None:
    path = _write(tmp_path / "x.tsv", "\ufeffb\ta\r\n1\t2\r\n\r\n3\t4")
    first, second = table_rows(path)
    assert (first["a"], first["b"], first[0], first[-1]) == ("2", "1", "1", "2")
    assert (first.line, second.line) == (2, 4)
    with pytest.raises(ConfigurationError, match=r"x.tsv:4: there is no column 'c'.* b, a\."):
        second["c"]
    with pytest.raises(ConfigurationError, match="no column '2'"):
        second[2]


def test_problem_names_fields_and_columns(tmp_path: Path) -> None:
    path = _write(tmp_path / "x.tsv", "a\tb\n1\n1\t2\t3\n1\t2\n")
    problems = [row.problem() for row in table_rows(path)]
    assert problems == [
        "1 fields, expected 2: a, b.",
        "3 fields, expected 2: a, b.",
        None,
    ]


@pytest.mark.parametrize("cell", ["", "x", "nan", "inf", "1,5"])
def test_no_number(tmp_path: Path, cell: str) -> None:
    (row,) = table_rows(_write(tmp_path / "x.tsv", f"a\tb\n{cell}\ty\n"))
    with pytest.raises(ConfigurationError, match=f"x.tsv:2: a is '{cell}', which is no number"):
        row.number("a")


@pytest.mark.parametrize("text, line", [('"a","b"\n"c"d,e\n', 2), ('"a","b"\n\n"c,\nd\n', 3)])
def test_wrong_quotes(tmp_path: Path, text: str, line: int) -> None:
    path = _write(tmp_path / "x.csv", text)
    with pytest.raises(ConfigurationError, match=f"x.csv:{line}: wrong quotes .*'quoting'"):
        list(table_rows(path, ",", quoting=True, header=False))


def test_a_column_twice(tmp_path: Path) -> None:
    path = _write(tmp_path / "x.tsv", "a\tb\ta\n1\t2\t3\n")
    with pytest.raises(ConfigurationError, match="x.tsv:1: the column 'a' stands twice"):
        list(table_rows(path))


def test_json_lines(tmp_path: Path) -> None:
    objects = [{"text": 'a "b"\n', "n": 1}, {"n": None}]
    text = "\n\n".join(json.dumps(value) for value in objects)
    read = list(json_rows(_write(tmp_path / "x.jsonl", text)))
    assert [dict(zip(row.columns, row.cells)) for row in read] == objects
    assert [row.line for row in read] == [1, 3]


@pytest.mark.parametrize("text, problem", [("{", "no JSON"), ("[1]", "expected a JSON object")])
def test_wrong_json(tmp_path: Path, text: str, problem: str) -> None:
    path = _write(tmp_path / "x.jsonl", '{"a": 1}\n' + text)
    with pytest.raises(ConfigurationError, match=f"x.jsonl:2: {problem}"):
        list(json_rows(path))
