"""A column file cut into sentences, each line with its number."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Optional

from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.lines import LONGEST, data_error, numbered_lines


@dataclass
class SentenceBlock:
    """
    The lines between two blank ones.

    # Parameters

    path : `str`
        The file.
    first_line : `int`
        Number of the first line in the file, from 1.
    lines : `List[str]`
        The lines without their ends, at least one.
    """

    path: str
    first_line: int
    lines: list[str]

    def error(self, index: int, problem: str) -> ConfigurationError:
        """The error for the block's line `index` (from 0), to be raised by the caller."""
        return data_error(self.path, self.first_line + index, problem)


def sentence_blocks(files: Iterable[str], comment: Optional[str] = "#") -> Iterator[SentenceBlock]:
    """
    The sentences of column files, one at a time; blank lines separate them.

    # Parameters

    files : `Iterable[str]`
        Paths, read one after the other.
    comment : `str`, optional (default = `"#"`)
        Lines that begin so are comments. A block of nothing but comments is left out. `None`: the
        files have no comments.

    # Returns

    `Iterator[SentenceBlock]`

    Raises `ConfigurationError` for a file without any sentence, a sentence of more than `LONGEST`
    characters, and as `numbered_lines` does.
    """
    for path in files:
        found = False
        for block in _blocks(path):
            if comment and all(line.startswith(comment) for line in block.lines):
                continue
            found = True
            yield block
        if not found:
            raise data_error(path, 1, "no sentence in this file; is it empty or the wrong file?")


def _blocks(path: str) -> Iterator[SentenceBlock]:
    first = 0
    lines: list[str] = []
    length = 0
    for number, line in numbered_lines(path):
        if line and not line.isspace():
            if not lines:
                first, length = number, 0
            lines.append(line)
            length += len(line)
            if length > LONGEST:
                raise data_error(
                    path,
                    first,
                    f"the sentence from here has more than {LONGEST} characters on line {number}; "
                    "are the blank lines between sentences missing?",
                )
        elif lines:
            yield SentenceBlock(path, first, lines)
            lines = []
    if lines:
        yield SentenceBlock(path, first, lines)
