"""Columns of opening and closing brackets, as CoNLL-2005 and CoNLL-2012 write spans and trees."""

import re
from collections.abc import Sequence

from nltk import Tree

from allennlp_heads.data.span_codings import Span
from allennlp_heads.data.trees import DEEPEST

NOTHING = ("*", "-", "_")
"""Cells of words at which no span begins or ends."""
_CELL = re.compile(r"((?:\([^()*]+)*)\*?(\)*)")


class BracketError(Exception):
    """
    Brackets that mean no spans.

    # Parameters

    place : `int`
        The word whose cell is wrong, from 0.
    problem : `str`
        What is wrong there.
    """

    def __init__(self, place: int, problem: str) -> None:
        super().__init__(problem)
        self.place = place


def bracket_spans(cells: Sequence[str]) -> list[Span]:
    """
    The spans of a column such as `(ARG0*`, `*)`, `(V*)`.

    # Parameters

    cells : `Sequence[str]`
        One a word: the labels of the spans that begin there, each after a `(`; a `*` for the word;
        and a `)` for each span that ends there. A closing bracket ends the span opened last.

    # Returns

    `List[Tuple[int, int, str]]`
        Start, end (inclusive) and label, in the order of the opening brackets.

    Raises `BracketError` for a cell of another form, a bracket that closes nothing, and one that is
    never closed.
    """
    spans: list[Span] = []
    opened: list[int] = []  # places in `spans`
    for place, cell in enumerate(cells):
        if cell in NOTHING:
            continue
        labels, closing = _parts(place, cell)
        for label in labels:
            opened.append(len(spans))
            spans.append((place, place, label))
        for _ in range(closing):
            if not opened:
                raise BracketError(place, f"'{cell}' closes a bracket that was never opened.")
            start, _, label = spans[opened[-1]]
            spans[opened.pop()] = (start, place, label)
    if opened:
        start, _, label = spans[opened[-1]]
        raise BracketError(start, f"the bracket '({label}*' is never closed.")
    return spans


def bracket_tree(cells: Sequence[str], words: Sequence[str], pos: Sequence[str]) -> Tree:
    """
    The tree of a column such as `(TOP(S(NP*`, `*)`, `*))`.

    # Parameters

    cells : `Sequence[str]`
        One a word, as for `bracket_spans`.
    words : `Sequence[str]`
        The leaves, at least one.
    pos : `Sequence[str]`
        The labels of the nodes right above them.

    # Returns

    `Tree`

    Raises `BracketError` as `bracket_spans` does, when there is not one bracket around all words,
    and for brackets nested deeper than `DEEPEST`.
    """
    spans = bracket_spans(cells)
    last = len(words) - 1
    if not spans or spans[0][:2] != (0, last):
        raise BracketError(0, "no bracket of the parse column is around the whole sentence.")
    root = Tree(spans[0][2], [])
    path = [(root, last)]  # the open nodes with their last words
    inner = iter([*spans[1:], (len(words), 0, "")])
    start, end, label = next(inner)
    for place, (word, tag) in enumerate(zip(words, pos, strict=True)):
        while start == place:
            node = Tree(label, [])
            path[-1][0].append(node)
            path.append((node, end))
            if len(path) >= DEEPEST:  # with the part of speech there is one more
                raise BracketError(place, f"brackets are nested more than {DEEPEST - 1} deep.")
            start, end, label = next(inner)
        path[-1][0].append(Tree(tag, [word]))
        while path and path[-1][1] == place:
            path.pop()
    return root


def _parts(place: int, cell: str) -> tuple[list[str], int]:
    match = _CELL.fullmatch(cell)
    if match is None:
        raise BracketError(place, f"'{cell}' is no brackets such as '(A*', '(A(B*', '*)', '(A)'.")
    opening, closing = match.groups()
    return opening.split("(")[1:], len(closing)
