"""The correlations of `allennlp heads overlap` as CSV and LaTeX, times 100."""

from __future__ import annotations

import csv
import io
import math

from allennlp_heads.reports.overlap import Overlap

_ESCAPES = str.maketrans(
    {
        **{letter: f"\\{letter}" for letter in "&%$#_{}"},
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\\": r"\textbackslash{}",
    }
)


def correlation_csv(overlap: Overlap) -> str:
    """
    A row a group: its Pearson's r with each group (on the diagonal the root of the adjusted R² of
    its last run), the mean Pearson's r between its runs, and their number. Undefined: empty.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["group", *overlap.names, "run_to_run_pearson", "runs"])
    for name, numbers, runs in _rows(overlap):
        writer.writerow([name, *(_number(value, "") for value in numbers), runs])
    return file.getvalue()


def correlation_latex(overlap: Overlap) -> str:
    """The same table as a LaTeX `tabular`, which needs no package. Undefined: a dash."""
    names = [name.translate(_ESCAPES) for name in overlap.names]
    head = " & ".join(["", *names, "run to run", "runs"])
    lines = [
        "% Pearson's r x 100 between mean gates; diagonal: root of the adjusted R^2 of the last",
        "% run's regression on the others; run to run: mean Pearson's r between runs",
        rf"\begin{{tabular}}{{l{'r' * (len(names) + 2)}}}",
        rf"\hline{head} \\ \hline",
    ]
    for name, (_, numbers, runs) in zip(names, _rows(overlap)):
        cells = [name, *(_number(value, "--") for value in numbers), str(runs)]
        lines.append(" & ".join(cells) + r" \\")
    return "\n".join([*lines, r"\hline", r"\end{tabular}", ""])


def _rows(overlap: Overlap) -> list[tuple[str, list[float], int]]:
    table = overlap.correlation_table
    return [
        (group.name, [*table[place], overlap.run_to_run[place].pearson], len(group.runs))
        for place, group in enumerate(overlap.groups)
    ]


def _number(value: float, undefined: str) -> str:
    return undefined if math.isnan(value) else f"{100 * value:.1f}"
