"""Every kind of bad CoNLL-2012 file ends in one message with file and line."""

from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.dataset_readers import OntonotesReader
from tests.data.dataset_readers.ontonotes_files import plain_sentence, write

GOOD = "#begin document (d); part 000\n" + write(plain_sentence("All", "is", "well"))  # 5 lines


def _row(place: object = 0, parse: str = "(TOP*)", names: str = "*", **cells: str) -> str:
    word, pos, rest = cells.get("word", "w"), cells.get("pos", "X"), cells.get("rest", "-")
    frame = cells.get("frame", "-")
    return f"d 0 {place} {word} {pos} {parse} - {frame} - - {names} {rest}\n"


ALL_VIEWS = ("pos", "ner", "con", "srl")
CASES = {
    "too few columns": (ALL_VIEWS, "d 0 0 w X (TOP*) - - - * -\n", 6, "11 columns, but CoNLL-2012"),
    "uneven": (ALL_VIEWS, _row() + _row(1, rest="* -"), 7, "13 columns, but the sentence's first"),
    "other number": (ALL_VIEWS, _row() + _row(2), 7, "column 3) is '2', but 1 is the next"),
    "no number": (ALL_VIEWS, _row("x"), 6, "is 'x', but 0 is the next"),
    "no blank line": (ALL_VIEWS, _row() + _row(), 7, "is '0', but 1 is the next"),
    "skeleton": (ALL_VIEWS, _row(word="[WORD]"), 6, "skeleton file"),
    "no tag": (("pos",), _row(pos="-"), 6, "column 5 has no tag"),
    "never closed": (("ner",), _row(names="(A*") + _row(1), 6, "column 11: the bracket '(A*' is"),
    "inner never closed": (
        ("ner",),
        _row(names="(A*") + _row(1, names="(B*)"),
        6,
        "'(A*' is never",
    ),
    "never opened": (("ner",), _row() + _row(1, names="*)"), 7, "column 11: '*)' closes a bracket"),
    "no brackets": (("ner",), _row(names="B-PER"), 6, "column 11: 'B-PER' is no brackets"),
    "no label": (("ner",), _row(names="(*)"), 6, "'(*)' is no brackets"),
    "no tree": (("con",), _row(parse="*"), 6, "no bracket of the parse column is around"),
    "two trees": (("con",), _row() + _row(1), 6, "no bracket of the parse column is around"),
    "tree not closed": (("con",), _row(parse="(TOP(S*)"), 6, "column 6: the bracket '(TOP*' is"),
    "role not closed": (
        ("srl",),
        _row(rest="(A* -", frame="01"),
        6,
        "column 12: the bracket '(A*'",
    ),
    "no predicate": (("srl",), "# c\n" + _row(rest="(A*) -"), 7, "column 12 has no '(V*'"),
}


@pytest.mark.parametrize(
    "view, text, line, problem",
    [(view, *case) for views, *case in CASES.values() for view in views],
    ids=[f"{view}-{name}" for name, (views, *_) in CASES.items() for view in views],
)
def test_file_and_line(tmp_path: Path, view: str, text: str, line: int, problem: str) -> None:
    path = tmp_path / "bad.gold_conll"
    path.write_text(GOOD + text)
    with pytest.raises(ConfigurationError) as error:
        list(OntonotesReader(view).read(path))
    assert f"{path}:{line}: " in str(error.value)
    assert problem in str(error.value)


@pytest.mark.parametrize("view", ALL_VIEWS)
def test_a_view_minds_its_own_columns(tmp_path: Path, view: str) -> None:
    path = tmp_path / "bad.gold_conll"
    bad = {"pos": "-", "names": "*)", "parse": "*)", "rest": "*) -"}
    own = {"pos": "pos", "ner": "names", "con": "parse", "srl": "rest"}[view]
    good = {"pos": "X", "names": "*", "parse": "(TOP*)", "rest": "(V*) -"}[own]
    path.write_text(_row(**{**bad, own: good}))
    assert len(list(OntonotesReader(view).read(path))) == 1


@pytest.mark.parametrize("coding", ["BIO", "BIOES"])
def test_nested_names_have_no_tags(tmp_path: Path, coding: str) -> None:
    path = tmp_path / "nested.gold_conll"
    path.write_text(GOOD + _row(names="(A*") + _row(1, names="(B*)") + _row(2, names="*)"))
    with pytest.raises(ConfigurationError) as error:
        list(OntonotesReader("ner", coding=coding).read(path))
    assert f"{path}:6: the span (1, 1, 'B') overlaps another one" in str(error.value)
    assert "set 'coding' to \"spans\"" in str(error.value)


@pytest.mark.parametrize("option", ["names", "propositions"])
def test_filters_do_not_hide_bad_lines(tmp_path: Path, option: str) -> None:
    path = tmp_path / "bad.gold_conll"
    path.write_text("d 0 0 w\n")
    reader = OntonotesReader(**{f"only_documents_with_{option}": True})  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=":1: 4 columns"):
        list(reader.read(path))


def test_no_sentence(tmp_path: Path) -> None:
    path = tmp_path / "empty.gold_conll"
    path.write_text("#begin document (d); part 000\n#end document\n")
    with pytest.raises(ConfigurationError, match="empty.gold_conll:1: no sentence"):
        list(OntonotesReader().read(path))


def test_a_folder_without_gold_files(tmp_path: Path) -> None:
    (tmp_path / "x.v4_auto_conll").write_text(GOOD)
    with pytest.raises(ConfigurationError, match="no file that ends in gold_conll"):
        list(OntonotesReader().read(tmp_path))


def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "latin.gold_conll"
    path.write_bytes((GOOD + _row(word="schön")).encode("latin-1"))
    with pytest.raises(ConfigurationError, match=":6: not UTF-8"):
        list(OntonotesReader().read(path))


@pytest.mark.parametrize("view", ["pos", "con", "srl"])
def test_a_coding_where_there_is_none(view: str) -> None:
    with pytest.raises(ConfigurationError, match="'coding' is for the views ner and"):
        OntonotesReader(view, coding="BIO")
