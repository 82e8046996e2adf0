"""Files of bracketed trees cut into trees, each with its place."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.lines import LONGEST, data_error, numbered_lines
from allennlp_heads.data.trees import DEEPEST

_BRACKET = re.compile(r"[()]")


@dataclass
class BracketedText:
    """
    # Parameters

    path : `str`
        The file.
    line : `int`
        The line, from 1, on which the tree starts.
    text : `str`
        From its first bracket to its last.
    """

    path: str
    line: int
    text: str

    def error(self, problem: object) -> ConfigurationError:
        """The error for this tree, to be raised by the caller."""
        return data_error(self.path, self.line, f"the tree that starts here: {problem}")


def bracketed_texts(files: Iterable[str]) -> Iterator[BracketedText]:
    """
    The trees of files, one at a time; a tree can take any number of lines, a line can hold several.

    # Parameters

    files : `Iterable[str]`
        Paths, read one after the other.

    # Returns

    `Iterator[BracketedText]`

    Raises `ConfigurationError` for a file without any tree, a tree that is never closed, nested
    deeper than `DEEPEST` or longer than `LONGEST` characters, a closing bracket too many, text
    between trees, and as `numbered_lines` does.
    """
    for path in files:
        found = False
        for text in _texts(path):
            found = True
            yield text
        if not found:
            raise data_error(path, 1, "no tree in this file; is it empty or the wrong file?")


def _texts(path: str) -> Iterator[BracketedText]:
    first, parts, length = 0, [""], 0  # of the tree that is open
    depth = 0
    for number, line in numbered_lines(path):
        done = 0  # what belongs to trees that are complete
        for match in _BRACKET.finditer(line):
            place = match.start()
            if depth == 0:
                _refuse_text(path, number, line[done:place] or match[0].lstrip("("))
                first, parts, length, done = number, [], 0, place
            depth += 1 if match[0] == "(" else -1
            if depth > DEEPEST:
                raise BracketedText(path, first, "").error(
                    f"its brackets are nested more than {DEEPEST} deep on line {number}."
                )
            if depth == 0:
                parts.append(line[done : place + 1])
                done = place + 1
                yield BracketedText(path, first, "".join(parts))
        if depth == 0:
            _refuse_text(path, number, line[done:])
            continue
        parts.append(line[done:] + "\n")
        length += len(parts[-1])
        if length > LONGEST:
            raise BracketedText(path, first, "").error(
                f"it has more than {LONGEST} characters on line {number}; is it never closed?"
            )
    if depth > 0:
        raise BracketedText(path, first, "").error(f"{depth} closing brackets are missing.")


def _refuse_text(path: str, number: int, text: str) -> None:
    if text.strip():
        raise data_error(path, number, f"'{text.strip()}' is outside of all trees.")
