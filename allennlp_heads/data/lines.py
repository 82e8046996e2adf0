"""Text files as numbered lines: plain or gzip, UTF-8, errors with file and line."""

import gzip
import os
import zlib
from collections.abc import Iterator
from functools import partial

from allennlp.common.checks import ConfigurationError

LONGEST = 2**24
"""The most bytes of one line, sentence or tree: far above what texts have, and little memory."""
SHOWN = 2000
"""The most characters of a message that repeats what a file says."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def one_line(text: str) -> str:
    """
    A message that may repeat what a file says: its middle is left out where it is long, and what a
    terminal would obey or not show is written as an escape.
    """
    if len(text) > SHOWN:
        text = f"{text[: SHOWN // 2]} ... {text[-SHOWN // 2 :]}"
    if text.isprintable():
        return text
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape", "surrogatepass").decode()
        for sign in text
    )


def data_error(path: str | os.PathLike[str], line: int, problem: str) -> ConfigurationError:
    """The error for a bad line, for the caller to raise: `<file>:<line>: <problem>`, from 1."""
    return ConfigurationError(one_line(f"{os.fspath(path)}:{line}: {problem}"))


def numbered_lines(
    path: str | os.PathLike[str], keep_ends: bool = False, longest: int = LONGEST
) -> Iterator[tuple[int, str]]:
    """
    The lines of a file, one at a time, so that files of any size can be read.

    # Parameters

    path : `Union[str, PathLike]`
        A UTF-8 text file, gzip-compressed if its name ends in `.gz`. A byte order mark at its start
        is left out.
    keep_ends : `bool`, optional (default = `False`)
        Whether the lines keep their `\\n` or `\\r\\n`.
    longest : `int`, optional (default = `2 ** 24`)
        The most bytes of a line.

    # Returns

    `Iterator[Tuple[int, str]]`
        The number of the line (from 1) and its text, without `\\n` or `\\r\\n` unless asked for.
        Only these end a line: other Unicode line separators can be part of a word.

    Raises `ConfigurationError` naming file and line when the file cannot be opened, is not UTF-8,
    has a null byte or a longer line, or is a damaged gzip file.
    """
    number = 0
    try:
        opener = gzip.open if os.fspath(path).endswith(".gz") else open
        with opener(path, "rb") as stream:
            # with a limit, or a file without line ends would be read whole
            for number, raw in enumerate(iter(partial(stream.readline, longest + 1), b""), start=1):
                if len(raw) > longest or b"\0" in raw:
                    raise _bad_line(path, number, len(raw) > longest, longest)
                if number == 1 and raw.startswith(_BYTE_ORDER_MARK):
                    raw = raw[len(_BYTE_ORDER_MARK) :]
                yield number, (raw if keep_ends else raw.rstrip(b"\r\n")).decode("utf-8")
    except UnicodeDecodeError as error:
        raise data_error(
            path, number, f"not UTF-8 ({error.reason}); convert the file to UTF-8 first."
        ) from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise data_error(path, number + 1, f"damaged gzip file ({error}).") from error
    except OSError as error:
        raise ConfigurationError(
            f"{os.fspath(path)}: cannot be read ({error.strerror or error})."
        ) from error


def _bad_line(
    path: str | os.PathLike[str], number: int, is_long: bool, longest: int
) -> ConfigurationError:
    if is_long:
        return data_error(
            path, number, f"a line of more than {longest} bytes: is it a text file with line ends?"
        )
    return data_error(
        path,
        number,
        "a null byte: the file is damaged or not UTF-8 (UTF-16?); mend it or convert it to UTF-8 "
        "first.",
    )


def whole_text(path: str | os.PathLike[str], most: int = LONGEST) -> str:
    """
    A file's text at once, with its line ends.

    # Parameters

    path : `Union[str, PathLike]`
        As for `numbered_lines`.
    most : `int`, optional (default = `2 ** 24`)
        The most characters, and the most bytes of a line.

    # Returns

    `str`

    Raises `ConfigurationError` as `numbered_lines` does, and for a longer text.
    """
    lines = []
    length = 0
    for number, line in numbered_lines(path, keep_ends=True, longest=most):
        length += len(line)
        if length > most:
            raise data_error(path, number, f"more than {most} characters up to here: too large.")
        lines.append(line)
    return "".join(lines)


def cells_of(line: str) -> list[str]:
    """The cells of a line; only blanks and tabs are between them, not all Unicode white space."""
    return [cell for cell in line.replace("\t", " ").split(" ") if cell]
