"""The correlations of `allennlp heads overlap` as CSV and LaTeX, times 100."""

from __future__ import annotations

import csv
import io

from allennlp_heads.reports.markup import latex_rows, latex_text, percent
from allennlp_heads.reports.overlap import Overlap


def correlation_csv(overlap: Overlap) -> str:
    """
    A row a group: its Pearson's r with each group (on the diagonal the root of the adjusted R² of
    its last run), the mean Pearson's r between its runs, and their number. Undefined: empty.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["group", *overlap.names, "run_to_run_pearson", "runs"])
    for name, numbers, runs in _rows(overlap):
        writer.writerow([name, *(percent(value, "") for value in numbers), runs])
    return file.getvalue()


def correlation_latex(overlap: Overlap) -> str:
    """The same table as a LaTeX `tabular`, which needs no package. Undefined: a dash."""
    names = [latex_text(name) for name in overlap.names]
    lines = [
        "% Pearson's r x 100 between mean gates; diagonal: root of the adjusted R^2 of the last",
        "% run's regression on the others; run to run: mean Pearson's r between runs",
    ]
    rows = [
        [name, *(percent(value, "--") for value in numbers), str(runs)]
        for name, (_, numbers, runs) in zip(names, _rows(overlap))
    ]
    return "\n".join([*lines, *latex_rows(["", *names, "run to run", "runs"], rows), ""])


def _rows(overlap: Overlap) -> list[tuple[str, list[float], int]]:
    table = overlap.correlation_table
    return [
        (group.name, [*table[place], overlap.run_to_run[place].pearson], len(group.runs))
        for place, group in enumerate(overlap.groups)
    ]
