"""One sentence of a CoNLL-2012 file: its words, names, tree and propositions."""

from dataclasses import dataclass
from typing import Any

from nltk import Tree

from allennlp_heads.data.dataset_readers.brackets import (
    NOTHING,
    BracketError,
    bracket_spans,
    bracket_tree,
)
from allennlp_heads.data.dataset_readers.sentence_blocks import SentenceBlock
from allennlp_heads.data.lines import cells_of
from allennlp_heads.data.span_codings import Span
from allennlp_heads.data.trees import normalized

Argument = tuple[int, int, int, str]

INDEX, WORD, POS, PARSE, FRAMESET, NAMES, FIRST_PREDICATE = 2, 3, 4, 5, 7, 10, 11
"""Columns, from 0. Predicates have one each, and the last column has coreference."""
COLUMNS_WITHOUT_PREDICATES = 12
VERB = "V"
NOT_ROLES = (VERB, "C-V")


@dataclass
class OntonotesSentence:
    """
    # Parameters

    block : `SentenceBlock`
        The lines.
    columns : `List[Tuple[str, ...]]`
        The cells of each column, one a word.
    lines : `List[int]`
        For each word the index of its line in the block.
    """

    block: SentenceBlock
    columns: list[tuple[str, ...]]
    lines: list[int]

    @property
    def words(self) -> list[str]:
        return list(self.columns[WORD])

    @property
    def pos(self) -> list[str]:
        return list(self.columns[POS])

    @property
    def metadata(self) -> dict[str, Any]:
        """Name of the document and the number of the part, as in the file."""
        return {"document": self.columns[0][0], "part": self.columns[1][0]}

    def tags(self) -> list[str]:
        """The parts of speech; `ConfigurationError` with file and line where one is missing."""
        for place, tag in enumerate(self.columns[POS]):
            if tag in NOTHING:
                raise self.block.error(self.lines[place], f"column {POS + 1} has no tag.")
        return self.pos

    def names(self) -> list[Span]:
        """
        Start, end and label of each name; of two in one place the outer one.

        Raises `ConfigurationError` with file and line for brackets that mean no spans.
        """
        outer: dict[tuple[int, int], Span] = {}
        for span in self._spans(NAMES):
            outer.setdefault(span[:2], span)
        return list(outer.values())

    def tree(self) -> Tree:
        """
        The constituents, labels without function tags.

        Raises `ConfigurationError` with file and line for brackets that are no tree.
        """
        try:
            return normalized(bracket_tree(self.columns[PARSE], self.words, self.pos))
        except BracketError as error:
            raise self._bracket_error(error, PARSE) from error

    def propositions(self) -> tuple[list[int], list[Argument]]:
        """
        # Returns

        `Tuple[List[int], List[Tuple[int, int, int, str]]]`
            The position of every predicate, and predicate, start, end and role of each argument;
            `V` and `C-V` are no roles, and of two roles of one span the first is kept.

        Raises `ConfigurationError` with file and line for brackets that mean no spans, for a
        column that does not say where its predicate is, and for more framesets than columns.
        """
        framesets = [place for place, cell in enumerate(self.columns[FRAMESET]) if cell != "-"]
        predicates = []
        arguments: dict[tuple[int, int, int], Argument] = {}
        last = len(self.columns) - 1
        if len(framesets) > last - FIRST_PREDICATE:
            # reading on would teach that the predicates without a column are none
            raise self.block.error(
                self.lines[framesets[0]],
                f"{len(framesets)} words of the sentence have a frameset (column {FRAMESET + 1}), "
                f"but there are columns of {last - FIRST_PREDICATE} predicates; is a column "
                "missing?",
            )
        for number, column in enumerate(range(FIRST_PREDICATE, last)):
            spans = self._spans(column)
            own = framesets[number] if len(framesets) == last - FIRST_PREDICATE else None
            predicate = self._predicate(column, spans, own)
            predicates.append(predicate)
            for start, end, role in spans:
                if role not in NOT_ROLES:
                    argument = (predicate, start, end, role)
                    arguments.setdefault(argument[:3], argument)
        return predicates, list(arguments.values())

    def _predicate(self, column: int, spans: list[Span], frameset: int | None) -> int:
        # a verb can be of several words; the one with the frameset is then its head
        verb = next((span for span in spans if span[2] == VERB), None)
        if frameset is not None and (verb is None or verb[0] <= frameset <= verb[1]):
            return frameset
        if verb is None:
            raise self.block.error(
                self.lines[0],
                f"column {column + 1} has no '({VERB}*', and the words with a frameset "
                f"(column {FRAMESET + 1}) are not as many as the columns of predicates: which word "
                "is the predicate?",
            )
        return verb[0]

    def _spans(self, column: int) -> list[Span]:
        try:
            return bracket_spans(self.columns[column])
        except BracketError as error:
            raise self._bracket_error(error, column) from error

    def _bracket_error(self, error: BracketError, column: int) -> Exception:
        return self.block.error(self.lines[error.place], f"column {column + 1}: {error}")


def parse_sentence(block: SentenceBlock) -> OntonotesSentence:
    """
    Cut the lines of a sentence into columns.

    Raises `ConfigurationError` with file and line for a line with another number of columns than
    the sentence's first one or with fewer than twelve, a number of a word that is not the next one,
    and a word that was never put into its file (`[WORD]`).
    """
    rows: list[list[str]] = []
    lines = []
    for index, line in enumerate(block.lines):
        if line.startswith("#"):
            continue
        row = cells_of(line)
        width = len(rows[0]) if rows else max(len(row), COLUMNS_WITHOUT_PREDICATES)
        _check_row(block, index, row, width, len(rows))
        rows.append(row)
        lines.append(index)
    return OntonotesSentence(block, list(zip(*rows, strict=True)), lines)


def _check_row(block: SentenceBlock, index: int, row: list[str], width: int, number: int) -> None:
    if len(row) != width:
        wanted = f"the sentence's first line has {width}" if number else "CoNLL-2012 has at least"
        twelve = "" if number else f" {COLUMNS_WITHOUT_PREDICATES}"
        raise block.error(index, f"{len(row)} columns, but {wanted}{twelve}.")
    if row[INDEX] != str(number):
        raise block.error(
            index,
            f"the word's number (column {INDEX + 1}) is '{row[INDEX]}', but {number} is the next; "
            "is a line missing?",
        )
    if row[WORD] == "[WORD]":
        raise block.error(
            index,
            "'[WORD]' stands for the word: this is a skeleton file; put the words of the corpus "
            "into it first (skeleton2conll of CoNLL-2012).",
        )
