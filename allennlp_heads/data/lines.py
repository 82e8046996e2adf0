"""Text files as numbered lines: plain or gzip, UTF-8, errors with file and line."""

import gzip
import os
import zlib
from collections.abc import Iterator

from allennlp.common.checks import ConfigurationError

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def data_error(path: str | os.PathLike[str], line: int, problem: str) -> ConfigurationError:
    """The error for a bad line, for the caller to raise: `<file>:<line>: <problem>`, from 1."""
    return ConfigurationError(f"{os.fspath(path)}:{line}: {problem}")


def numbered_lines(
    path: str | os.PathLike[str], keep_ends: bool = False
) -> Iterator[tuple[int, str]]:
    """
    The lines of a file, one at a time, so that files of any size can be read.

    # Parameters

    path : `Union[str, PathLike]`
        A UTF-8 text file, gzip-compressed if its name ends in `.gz`. A byte order mark at its start
        is left out.
    keep_ends : `bool`, optional (default = `False`)
        Whether the lines keep their `\\n` or `\\r\\n`.

    # Returns

    `Iterator[Tuple[int, str]]`
        The number of the line (from 1) and its text, without `\\n` or `\\r\\n` unless asked for.
        Only these end a line: other Unicode line separators can be part of a word.

    Raises `ConfigurationError` naming file and line when the file cannot be opened, is not UTF-8,
    or is a damaged gzip file.
    """
    number = 0
    try:
        opener = gzip.open if os.fspath(path).endswith(".gz") else open
        with opener(path, "rb") as stream:
            for number, raw in enumerate(stream, start=1):
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


def cells_of(line: str) -> list[str]:
    """The cells of a line; only blanks and tabs are between them, not all Unicode white space."""
    return [cell for cell in line.replace("\t", " ").split(" ") if cell]
