"""Every kind of bad file ends in one message with file and line."""

from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.dataset_readers import ConlluReader
from tests.data.dataset_readers.treebank import sentence

GOOD = sentence("All", "is", "well")  # lines 1 to 3, blank line 4


def _row(
    number: object = 1, form: str = "w", tag: str = "X", head: object = 0, relation: str = "root"
) -> str:
    return f"{number}\t{form}\t_\t{tag}\t{tag}\t_\t{head}\t{relation}\t_\t_\n"


def _error(path: Path, view: str) -> str:
    with pytest.raises(ConfigurationError) as error:
        list(ConlluReader(view).read(path))
    return str(error.value)


ANY_VIEW = {
    "nine columns": (_row(1)[:-3] + "\n", 5, "9 columns, but CoNLL-U and CoNLL-X have ten"),
    "eleven columns": (_row(1)[:-1] + "\tx\n", 5, "11 columns"),
    "no columns": ("# c\nword\n", 6, "must contain either tabs"),
    "single spaces": (_row(1).replace("\t", " "), 5, "Ten columns are expected"),
    "id no number": (_row("one"), 5, "'one' is no id"),
    "id no integer": (_row("1.5x"), 5, "'1.5x' is no id"),
    "backward range": (_row("2-1") + _row(), 5, "'2-1' is no id"),
    "id missing": (_row("_"), 5, "id '_' is out of order, 1 is the next"),
    "id jumps": (_row() + _row(3, head=1), 6, "id '3' is out of order, 2 is the next"),
    "id comes twice": (_row() + _row(1, head=1), 6, "id '1' is out of order"),
    "id starts late": (_row(2), 5, "id '2' is out of order"),
    "no blank line": (_row() + sentence("New"), 6, "id '1' is out of order"),
    "empty word": ("# c\n" + _row(form=""), 6, "column 2 (FORM) is empty"),
    "no word": ("# c\n" + _row("1.1"), 5, "no word"),
}
TAG_VIEWS = {
    "no tag": (_row() + _row(2, tag="_"), 6, "has no label"),
    "empty tag": (_row(tag=""), 5, "has no label"),
}
DEPENDENCY_VIEW = {
    "missing head": (_row() + _row("1-2", head="_") + _row(2, head="_"), 7, "column 7 (HEAD)"),
    "empty head": (_row(head=""), 5, "column 7 (HEAD) has no head"),
    "head no integer": (_row(head="0x"), 5, "the head '0x' is no integer"),
    "negative head": (_row(head=-1), 5, "the head '-1' is no integer from 0 up"),
    "head with underscore": (_row(head="1_0"), 5, "the head '1_0' is no integer"),
    "head out of range": (_row() + _row(2, head=3), 6, "head 3 is out of range"),
    "head of thousands of digits": (_row(head="9" * 5000), 5, "'999999999...' is out of range"),
    "self-loop": (_row() + _row(2, head=2), 6, "word 2 is its own head"),
    "cycle": ("# c\n" + _row() + _row(2, head=3) + _row(3, head=2), 7, "2 is 3 is 2"),
    "no root": (_row(1, head=2) + _row(2, head=1), 5, "no root"),
    "no relation": (_row() + _row(2, head=1, relation="_"), 6, "column 8 (DEPREL) has no label"),
}
CASES = [
    *((view, name, *case) for view in ("upos", "dependency") for name, case in ANY_VIEW.items()),
    *((view, name, *case) for view in ("upos", "xpos") for name, case in TAG_VIEWS.items()),
    *(("dependency", name, *case) for name, case in DEPENDENCY_VIEW.items()),
]


@pytest.mark.parametrize(
    "view, text, line, problem",
    [(view, text, line, problem) for view, _, text, line, problem in CASES],
    ids=[f"{view}-{name}" for view, name, *_ in CASES],
)
def test_file_and_line(tmp_path: Path, view: str, text: str, line: int, problem: str) -> None:
    path = tmp_path / "bad.conllu"
    path.write_text(GOOD + text)
    message = _error(path, view)
    assert f"{path}:{line}: " in message
    assert problem in message


@pytest.mark.parametrize("view", ["upos", "xpos"])
def test_tag_views_do_not_mind_heads(tmp_path: Path, view: str) -> None:
    path = tmp_path / "tags.conllu"
    path.write_text(_row(head="_") + _row(2, head=9, relation="_"))
    assert len(list(ConlluReader(view).read(path))) == 1


def test_dependency_view_does_not_mind_tags(tmp_path: Path) -> None:
    path = tmp_path / "trees.conllu"
    path.write_text(_row(tag="_"))
    assert len(list(ConlluReader("dependency").read(path))) == 1


@pytest.mark.parametrize("text", ["", "\n\n", "# sent_id = 1\n", "# a\n\n# b\n"])
def test_empty_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "empty.conllu"
    path.write_text(text)
    assert f"{path}:1: no sentence in this file" in _error(path, "upos")


def test_one_empty_file_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.conllu").write_text(GOOD)
    (tmp_path / "b.conllu").write_text("")
    assert f"{tmp_path / 'b.conllu'}:1: no sentence" in _error(tmp_path, "upos")


def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "latin.conllu"
    path.write_bytes((GOOD + _row(form="schön")).encode("latin-1"))
    assert f"{path}:5: not UTF-8" in _error(path, "upos")


def test_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "absent.conllu"
    assert f"{path}: no such file" in _error(path, "upos")
