"""The words and numbers of reports: names, p-values, cells and rows in Markdown and LaTeX."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
_ESCAPED = re.compile(r"([\\`*_{}\[\]<>|#~$])")


def latex_text(text: str) -> str:
    """Text that LaTeX prints as it stands, on one line."""
    return " ".join(text.split()).translate(_LATEX)


def markdown_text(text: str) -> str:
    """Text that Markdown shows as it stands, in a cell of a table too."""
    return _ESCAPED.sub(r"\\\1", " ".join(text.split()))


@dataclass(frozen=True)
class Marks:
    """
    How a language of tables writes text, and these signs.

    # Parameters

    text : `Callable[[str], str]`
        Escapes a name.
    undefined, rare, unseen, percent, star, minus, plus_minus : `str`
    """

    text: Callable[[str], str]
    undefined: str
    rare: str
    unseen: str
    percent: str
    star: str
    minus: str
    plus_minus: str


MARKDOWN = Marks(markdown_text, "–", " †", " ‡", "%", "\\*", "−", "±")
PLAIN = Marks(str, "–", " †", " ‡", "%", "*", "−", "±")
"""Text that is shown as it stands, by whoever escapes all of it at once."""
LATEX = Marks(latex_text, "--", r"$^\dagger$", r"$^\ddagger$", r"\%", "*", r"$-$", r"$\pm$")


def shorten(name: str, letters: int = 24) -> str:
    """A name cut to so many letters."""
    return name if len(name) <= letters else f"{name[: letters - 1]}…"


def shown_name(name: str, letters: int) -> str:
    """
    A name cut to so many letters, for matplotlib: never a formula, and in brackets where a reader
    would take it for dirt beside a dot (it has neither letter nor digit) or where a legend would
    leave it out (it begins with `_`).
    """
    name = shorten(name, letters).replace("$", r"\$")
    plain = any(map(str.isalnum, name)) and not name.startswith("_")
    return name if plain else f"[{name}]"


def plural(count: int, noun: str) -> str:
    """`1 run`, `3 runs`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def p_number(p_value: float) -> str:
    """A p-value for a cell: `0.012`, or `< 0.0001`."""
    return f"{p_value:.2g}" if p_value >= 1e-4 else "< 0.0001"


def p_text(p_value: float) -> str:
    """A p-value for a sentence: `p = 0.012`, or `p < 0.0001`. Its spaces do not break."""
    number = p_number(p_value)
    shown = f"p {number}" if number.startswith("<") else f"p = {number}"
    return shown.replace(" ", "\N{NO-BREAK SPACE}")


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
