"""One sentence of a CoNLL-U or CoNLL-X file: its words, the wanted columns and its comments."""

from dataclasses import dataclass, field
from typing import Any

from conllu.exceptions import ParseException
from conllu.parser import parse_comment_line, parse_id_value, parse_line

from allennlp_heads.data.dataset_readers.heads_check import problem_with_heads
from allennlp_heads.data.dataset_readers.sentence_blocks import SentenceBlock

COLUMNS = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
# Only the text of the cells is needed: parsing features and enhanced dependencies would take most
# of the time. The parser of the last column notes how many columns the line really has.
_PARSERS = {"misc": lambda cells, index: len(cells)}
_COMMENTS = ("sent_id", "text")


@dataclass
class ConlluSentence:
    """
    # Parameters

    words : `List[str]`
        The syntactic words: multi-word tokens (`1-2`) and empty nodes (`8.1`) are left out.
    cells : `List[Dict[str, str]]`
        The columns of each word by their CoNLL-U names.
    lines : `List[int]`
        For each word the index of its line in the block.
    comments : `Dict[str, str]`
        `sent_id` and `text`, where the file has them.
    """

    words: list[str] = field(default_factory=list)
    cells: list[dict[str, Any]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    comments: dict[str, str] = field(default_factory=dict)


def parse_sentence(block: SentenceBlock) -> ConlluSentence:
    """
    Parse the lines of a sentence with the `conllu` package.

    Raises `ConfigurationError` with file and line for a line that has not ten columns, an id that
    is no number or out of order, an empty word, or a sentence without words.
    """
    sentence = ConlluSentence()
    for index, line in enumerate(block.lines):
        if line.startswith("#"):
            pairs = parse_comment_line(line)
            sentence.comments |= {key: text for key, text in pairs if key in _COMMENTS and text}
            continue
        cells = _parse_cells(block, index, line)
        if not _is_word(block, index, cells["id"], len(sentence.words) + 1):
            continue
        if not cells["form"]:
            raise block.error(index, "column 2 (FORM) is empty.")
        sentence.words.append(cells["form"])
        sentence.cells.append(cells)
        sentence.lines.append(index)
    if not sentence.words:
        raise block.error(0, "this sentence has no word, only multi-word tokens or empty nodes.")
    return sentence


def labels(block: SentenceBlock, sentence: ConlluSentence, column: str) -> list[str]:
    """
    The labels in a column (`upos`, `xpos` or `deprel`), one a word.

    Raises `ConfigurationError` with file and line for a missing one (`_` or nothing).
    """
    found = [cells[column] for cells in sentence.cells]
    for index, label in zip(sentence.lines, found, strict=True):
        if label == "_" or not label:
            raise block.error(index, f"{_column_name(column)} has no label.")
    return found


def heads(block: SentenceBlock, sentence: ConlluSentence) -> list[int]:
    """
    The heads of the words: 0 is ROOT, `i` the i-th word (from 1).

    Raises `ConfigurationError` with file and line for a head that is missing or no number, and for
    heads that are no tree.
    """
    found = []
    for index, cells in zip(sentence.lines, sentence.cells, strict=True):
        text = cells["head"]
        if text == "_" or not text:
            raise block.error(index, f"{_column_name('head')} has no head.")
        # int() alone would also take '1_0' and digits of other scripts
        if not (text.isascii() and text.isdecimal()):
            raise block.error(index, f"the head '{text}' is no integer from 0 up.")
        if len(text) > 9:  # int() refuses to read thousands of digits
            raise block.error(index, f"the head '{text[:9]}...' is out of range.")
        found.append(int(text))
    problem = problem_with_heads(found)
    if problem is not None:
        word, reason = problem
        raise block.error(sentence.lines[word], reason)
    return found


def _column_name(column: str) -> str:
    return f"column {COLUMNS.index(column) + 1} ({column.upper()})"


def _parse_cells(block: SentenceBlock, index: int, line: str) -> dict[str, Any]:
    try:
        cells = parse_line(line, COLUMNS, _PARSERS)
    except ParseException as error:
        raise block.error(index, f"{error} Ten columns are expected.") from error
    columns = cells["misc"] if len(cells) == len(COLUMNS) else len(cells)
    if columns != len(COLUMNS):
        raise block.error(
            index, f"{columns} columns, but CoNLL-U and CoNLL-X have ten, separated by tabs."
        )
    return cells


def _is_word(block: SentenceBlock, index: int, text: str, expected: int) -> bool:
    """Whether the id is the next word's; `False` for multi-word tokens and empty nodes."""
    if text == str(expected):
        return True
    try:
        number = parse_id_value(text)
    except ParseException as error:
        raise block.error(index, f"'{text}' is no id (1, 2, ..; 1-2; 8.1).") from error
    if isinstance(number, tuple):
        return False
    raise block.error(
        index, f"id '{text}' is out of order, {expected} is the next; is a line missing?"
    )
