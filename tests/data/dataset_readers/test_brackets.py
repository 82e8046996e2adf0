import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk import Tree

from allennlp_heads.data.dataset_readers.brackets import BracketError, bracket_spans, bracket_tree
from allennlp_heads.data.span_codings import Span
from tests.data.dataset_readers.ontonotes_files import Sentence, nested_spans, sentences
from tests.data.dataset_readers.writers import cells, tree_cells


@given(spans=nested_spans(0, 7), star=st.booleans())
def test_round_trip(spans: list[Span], star: bool) -> None:
    assert bracket_spans(cells(spans, 8, star)) == spans


@given(sentence=sentences())
def test_trees_as_nltk_reads_them(sentence: Sentence) -> None:
    column = tree_cells(sentence.tree)
    size = len(column)
    words, pos = [f"w{place}" for place in range(size)], [f"P{place}" for place in range(size)]
    leaves = [f"({tag} {word})" for word, tag in zip(words, pos, strict=True)]
    text = " ".join(
        cell.replace("*", f" {leaf}") for cell, leaf in zip(column, leaves, strict=True)
    )
    assert bracket_tree(column, words, pos) == Tree.fromstring(text)


def test_without_annotation() -> None:
    assert bracket_spans(["*", "-", "_"]) == []
    assert bracket_spans([]) == []


def test_words_need_no_escapes() -> None:
    """A tree is not read from text: any word can be in it."""
    tree = bracket_tree(["(TOP*", "*)"], ["a\\", ")("], ["X", "("])
    assert tree == Tree("TOP", [Tree("X", ["a\\"]), Tree("(", [")("])])


@pytest.mark.parametrize(
    "column, place, problem",
    [
        ("(A* *", 0, "the bracket '(A*' is never closed"),
        ("* (A(B* *)", 1, "the bracket '(A*' is never closed"),
        ("(A*) *)", 1, "closes a bracket that was never opened"),
        ("* *))", 1, "closes"),
        ("( *", 0, "'(' is no brackets"),
        ("* ()", 1, "'()' is no brackets"),
        ("*)(A*", 0, "is no brackets"),
        ("A", 0, "is no brackets"),
        ("(A**)", 0, "is no brackets"),
    ],
)
def test_errors(column: str, place: int, problem: str) -> None:
    with pytest.raises(BracketError) as error:
        bracket_spans(column.split())
    assert error.value.place == place
    assert problem in str(error.value)


@pytest.mark.parametrize("column", ["* *", "(A*) *", "(A*) (B*)", "* (A*)"])
def test_a_tree_has_one_root(column: str) -> None:
    with pytest.raises(BracketError, match="around the whole sentence"):
        bracket_tree(column.split(), ["a", "b"], ["X", "X"])
