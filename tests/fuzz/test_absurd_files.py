"""Files that would take all memory, time or stack, and files of other encodings."""

from __future__ import annotations

import gzip
import json
import os
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.dataset_readers import (
    BioColumnsReader,
    BracketedTreesReader,
    ConlluReader,
    OntonotesReader,
)
from allennlp_heads.data.dataset_readers.delimited_layout import DelimitedLayout
from allennlp_heads.data.dataset_readers.squad_answers import checked_answers
from allennlp_heads.data.dataset_readers.squad_file import squad_questions
from allennlp_heads.data.lines import LONGEST, data_error
from allennlp_heads.data.trees import DEEPEST
from allennlp_heads.reports.similarity_file import read_similarity

Read = Callable[[str], Iterable[object]]

READ: dict[str, Read] = {
    "conllu": ConlluReader().read,
    "gold_conll": OntonotesReader("srl").read,
    "mrg": BracketedTreesReader().read,
    "conll": BioColumnsReader().read,
    "tsv": DelimitedLayout(text=0, label=1, header=False).examples,
    "csv": DelimitedLayout(text=0, label=1, format="csv").examples,
    "jsonl": DelimitedLayout(format="jsonl").examples,
    "json": lambda path: squad_questions(path, 0),
}
MOST = 8 * LONGEST
"""Bytes of memory: some copies of the longest line."""


def refusal(name: str, path: Path) -> str:
    with pytest.raises(ConfigurationError) as error:
        list(READ[name](str(path)))
    message = str(error.value)
    assert message.startswith(f"{path}:") and message.isprintable() and len(message) < 3000
    return message.removeprefix(f"{path}:")


def peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", sorted(set(READ) - {"json"}))
def test_a_line_of_two_gigabytes(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.{name}"
    with path.open("wb") as file:
        file.write(b"a")
        os.truncate(file.fileno(), 2**31)  # takes no space on the disk
    messages: list[str] = []
    assert peak(lambda: messages.append(refusal(name, path))) < MOST
    assert messages[0].startswith(f"1: a line of more than {LONGEST} bytes")


@pytest.mark.parametrize("name", ["conllu", "mrg", "tsv", "jsonl"])
def test_a_line_that_is_small_when_packed(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.{name}.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(24):
            file.write(b"(a " * 2**20)
    assert peak(lambda: refusal(name, path)) < MOST


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("conllu", "1\ta\t_\tA\tA\t_\t0\tr\t_\t_\n", "1: the sentence from here has more than"),
        ("conll", "word O\n", "1: the sentence from here has more than"),
        ("gold_conll", "d 0 0 w " * 20 + "\n", "1: the sentence from here has more than"),
        ("mrg", "(A (B\n", "1: the tree that starts here: its brackets are nested more than"),
        ("mrg", "(A b)" * 3 + "(A\n" + "b c\n" * 2_000_000, "1: the tree that starts here: it ha"),
        ("csv", '"' + "a\n" * 99_999, "1: a cell of more than 131072 characters in the row"),
        ("csv", '"a\n",' * 9_999, "1: the row from here is longer than"),
    ],
)
def test_what_never_ends(
    name: str, line: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = 2**20
    for part in ("sentence_blocks", "bracketed_texts"):
        module = f"allennlp_heads.data.dataset_readers.{part}"
        monkeypatch.setattr(f"{module}.LONGEST", longest)
    monkeypatch.setattr("allennlp_heads.data.tables.LONGEST", longest)
    path = tmp_path / f"x.{name}"
    path.write_text(line * (1 + 2 * longest // len(line)))
    assert refusal(name, path).startswith(message)


def test_very_many_columns(tmp_path: Path) -> None:
    cells = "\t".join(map(str, range(200_000)))
    for name, message in (
        ("conllu", "1: 200000 columns, but CoNLL-U"),
        ("gold_conll", "1: the word's number (column 3) is '2', but 0 is the next"),
        ("jsonl", "1: no JSON"),
    ):
        (tmp_path / f"x.{name}").write_text(cells + "\n")
        assert refusal(name, tmp_path / f"x.{name}").startswith(message)
    path = tmp_path / "x.tsv"
    path.write_text(f"{cells}\n{cells}\t1\n")
    with pytest.raises(ConfigurationError, match="x.tsv:2: 200001 fields, expected 200000"):
        list(DelimitedLayout(text="0", label="1").examples(str(path)))
    path.write_text(f"{cells}\t7\n")
    with pytest.raises(ConfigurationError, match="x.tsv:1: the column '7' stands twice"):
        list(DelimitedLayout(text="0", label="1").examples(str(path)))


def test_a_long_text_is_read(tmp_path: Path) -> None:
    text = "word " * (LONGEST // 5 - 10)
    (tmp_path / "x.tsv").write_text(f"{text}\t1\n")
    (example,) = READ["tsv"](str(tmp_path / "x.tsv"))
    assert example.text == text  # type: ignore[attr-defined]


@pytest.mark.parametrize("depth", [DEEPEST, DEEPEST + 1, 100_000])
def test_deep_trees(depth: int, tmp_path: Path) -> None:
    path = tmp_path / "x.mrg"
    path.write_text("(A " * (depth - 1) + "(N w)" + ")" * (depth - 1))
    if depth == DEEPEST:
        for view in ("con", "pos", "chunk", "ggparent"):
            (instance,) = BracketedTreesReader(view).read(str(path))
    else:
        assert refusal("mrg", path).startswith(
            f"1: the tree that starts here: its brackets are nested more than {DEEPEST} deep"
        )
    row = f"d 0 0 w NN {'(A' * (depth - 1)}*{')' * (depth - 1)} - - - - * -\n"
    (tmp_path / "x.gold_conll").write_text(row)
    for view in ("con", "chunk", "parent"):
        reader = OntonotesReader(view)
        if depth == DEEPEST:
            (instance,) = reader.read(str(tmp_path / "x.gold_conll"))
        else:
            with pytest.raises(ConfigurationError, match=r"gold_conll:1: column 6: brackets are n"):
                list(reader.read(str(tmp_path / "x.gold_conll")))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[" * 100_000, "it is nested too deeply"),
        ('{"a":' * 100_000, "it is nested too deeply"),
        ("9" * 5000, "Exceeds the limit"),
        ('{"text": "a", "text": "b", "label": "c"}', "the key 'text' stands twice"),
        ('{"data": [], "data": []}', "the key 'data' stands twice"),
    ],
)
def test_json_that_python_would_let_pass_or_fail_of(
    text: str, problem: str, tmp_path: Path
) -> None:
    for name in ("json", "jsonl"):
        (tmp_path / f"x.{name}").write_text(text)
        assert f"1: no JSON ({problem}" in refusal(name, tmp_path / f"x.{name}")
    (tmp_path / "similarity.json").write_text(text)
    with pytest.raises(ConfigurationError, match=r"similarity.json is no JSON: ") as error:
        read_similarity(str(tmp_path / "similarity.json"))
    assert problem in str(error.value)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32-be", "cp1252"])
@pytest.mark.parametrize("name", sorted(READ))
def test_other_encodings(name: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.{name}"
    path.write_bytes("é word\tNOUN\n\n".encode(encoding))
    assert "not UTF-8" in refusal(name, path)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_marks_and_line_ends(end: str, tmp_path: Path) -> None:
    texts = {
        "conllu": f"\ufeff1\tw\t_\tA\tA\t_\t0\tr\t_\t_{end}{end}",
        "conll": f"\ufeffw O{end}{end}w O{end}",
        "mrg": f"\ufeff(A{end} (N w)){end}",
        "jsonl": '\ufeff{"text": "w", "label": "1"}' + end,
        "csv": f"\ufefftext,label{end}w,1{end}",
    }
    for name, text in texts.items():
        path = tmp_path / f"x.{name}"
        path.write_bytes(text.encode())
        read = DelimitedLayout(format="csv").examples if name == "csv" else READ[name]
        assert [str(one) for one in read(str(path))], name


def test_half_of_a_surrogate_pair(tmp_path: Path) -> None:
    """In a text it is read; a label or name with it could not be written into the vocabulary."""
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"text": "a \ud800", "label": "b"}))
    (example,) = READ["jsonl"](str(path))
    assert example.text == "a \ud800"  # type: ignore[attr-defined]
    path.write_text(json.dumps({"text": "a", "label": "\ud800"}))
    assert refusal("jsonl", path).startswith(r"1: 'label' is '\ud800', with half of a surrogate")


def test_csv_errors_of_similarities_have_their_line(tmp_path: Path) -> None:
    path = tmp_path / "similarity.csv"
    path.write_text(f",a,b\na,1,{'9' * 140_000}\n")
    with pytest.raises(ConfigurationError, match=r"similarity.csv, line 2: field larger than"):
        read_similarity(str(path))


def test_messages_cannot_steer_a_terminal(tmp_path: Path) -> None:
    message = str(data_error("x\x1b[2J", 1, "'\x1b]0;\u202e\n" + "a" * 10_000 + "' is wrong"))
    assert message.isprintable() and message.startswith(r"x\x1b[2J:1: '\x1b]0;\u202e\n")
    assert message.endswith("aaa' is wrong") and len(message) < 2200


def test_more_framesets_than_predicates(tmp_path: Path) -> None:
    rows = "d 0 0 he P (A* - - - - * * -\nd 0 1 ran V * run 01 - - * (V*) -\n"
    (tmp_path / "x.gold_conll").write_text(rows)
    (instance,) = READ["gold_conll"](str(tmp_path / "x.gold_conll"))
    (tmp_path / "x.gold_conll").write_text(rows.replace("P (A* - -", "P (A* he 02"))
    assert refusal("gold_conll", tmp_path / "x.gold_conll").startswith(
        "1: 2 words of the sentence have a frameset (column 8), but there are columns of 1 pred"
    )


def test_answers_in_long_contexts() -> None:
    """Many places where the answer stands are searched at once."""
    context = "ab" * 500_000
    answer = {"text": "ab" * 100_000 + "a", "answer_start": 300_001}
    found, moved = checked_answers(context, [answer], None, 1)
    assert found is not None and [one.start for one in found] == [300_000] and moved == 1
