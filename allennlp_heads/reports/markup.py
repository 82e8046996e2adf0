"""Tables in Markdown and LaTeX: names and shares as cells, cells as rows."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

_LATEX = str.maketrans(
    {
        **{letter: f"\\{letter}" for letter in "&%$#_{}"},
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\\": r"\textbackslash{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        "`": r"\textasciigrave{}",
    }
)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>|#~$])")


def latex_text(text: str) -> str:
    """Text that LaTeX prints as it stands, on one line."""
    return " ".join(text.split()).translate(_LATEX)


def markdown_text(text: str) -> str:
    """Text that Markdown shows as it stands, in a cell of a table too."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def percent(value: float | None, undefined: str = "–", digits: int = 1) -> str:
    """A share times 100."""
    return undefined if value is None or math.isnan(value) else f"{100 * value:.{digits}f}"


def markdown_rows(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table of ready cells, numbers at the right of all columns but the first."""
    lines = [f"| {' | '.join(cells)} |" for cells in (names, *rows)]
    marks = [" --- ", *[" ---: "] * (len(names) - 1)]
    return [lines[0], f"|{'|'.join(marks)}|", *lines[1:]]


def latex_rows(
    names: Sequence[str], rows: Sequence[Sequence[str]], last: Sequence[Sequence[str]] = ()
) -> list[str]:
    """The lines of a `tabular`, which needs no package; `last` are rows below a line."""
    parts = [rows, last] if last else [rows]
    lines = [rf"\begin{{tabular}}{{l{'r' * (len(names) - 1)}}}"]
    lines.append(rf"\hline {' & '.join(names)} \\ \hline")
    for part in parts:
        lines += [" & ".join(cells) + r" \\" for cells in part]
        lines.append(r"\hline")
    return [*lines, r"\end{tabular}"]
