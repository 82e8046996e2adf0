"""Tables of compared probes: Markdown and LaTeX for people, CSV for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from allennlp_heads.analysis.probing.paired_probes import GroupScore, ProbeComparison
from allennlp_heads.reports.markup import (
    LATEX,
    MARKDOWN,
    Marks,
    latex_rows,
    markdown_rows,
    p_number,
    percent,
)
from allennlp_heads.reports.probing.strip import LEVEL
from allennlp_heads.reports.probing.tables import OVERALL

_CSV = ("task", "row", "label", "count", "rare", "group", "runs", "mean", "std", "reference")
_TESTED = ("difference", "low", "high", "p_value", "p_value_holm")


def comparison_csv(found: Mapping[str, ProbeComparison]) -> str:
    """
    A row for each task, label (or score of all labels, named by `row`) and group: shares from 0 to
    1, differences to the reference, what is undefined empty.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*_CSV, *_TESTED])
    for task, comparison in found.items():
        for row, label, count, rare, scores in _rows(comparison):
            few = str(rare).lower() if row == "label" else ""
            for name, score in scores.items():
                test = score.against
                tested = [""] * len(_TESTED)
                if test is not None:
                    numbers = (test.difference, test.low, test.high, test.p_value, test.adjusted)
                    tested = ["" if x is None else f"{x:.6g}" for x in numbers]
                std = "" if score.std is None else f"{score.std:.6f}"
                own = [len(score.runs), f"{score.mean:.6f}", std, comparison.reference]
                writer.writerow([task, row, label, count, few, name, *own, *tested])
    return file.getvalue()


def comparison_markdown(found: Mapping[str, ProbeComparison]) -> str:
    """For each task the accuracies, and the differences to the reference."""
    lines = ["# Probes of attention heads, compared", "", _legend(found, r"\*"), ""]
    for task, comparison in found.items():
        lines += [f"## {MARKDOWN.text(task)}", ""]
        for names, rows in (_means(comparison, MARKDOWN), _differences(comparison, MARKDOWN)):
            lines += [*markdown_rows(names, rows), ""]
    return "\n".join(lines)


def comparison_latex(found: Mapping[str, ProbeComparison]) -> str:
    """The same tables as `tabular`s."""
    lines = [f"% {_legend(found, '*')}"]
    for task, comparison in found.items():
        labels = len(comparison.labels)
        for names, rows in (_means(comparison, LATEX), _differences(comparison, LATEX)):
            lines += [
                f"% {' '.join(task.split())}",
                *latex_rows(names, rows[:labels], rows[labels:]),
            ]
            lines.append("")
    return "\n".join(lines)


def _rows(found: ProbeComparison) -> Iterator[tuple[str, str, int, bool, dict[str, GroupScore]]]:
    """
    What the row is of, its label, its items, whether these are few, and the score of each group.
    """
    for place, label in enumerate(found.labels):
        scores = {name: scores[place] for name, scores in found.by_label.items()}
        yield "label", label, found.counts[place], found.rare[place], scores
    for way in found.overall[found.reference]:
        scores = {name: ways[way] for name, ways in found.overall.items()}
        yield way, "", sum(found.counts), False, scores


def _means(found: ProbeComparison, marks: Marks) -> tuple[list[str], list[list[str]]]:
    names = ["accuracy", "items", *(marks.text(name) for name in found.by_label)]
    rows = [
        [_name(row, label, rare, marks), f"{count:,}", *(_mean(s, marks) for s in scores.values())]
        for row, label, count, rare, scores in _rows(found)
    ]
    return names, rows


def _differences(found: ProbeComparison, marks: Marks) -> tuple[list[str], list[list[str]]]:
    others = [name for name in found.by_label if name != found.reference]
    names = [f"difference to {marks.text(found.reference)}"]
    for name in others:
        names += [marks.text(name), "p"]
    rows = []
    for row, label, _, rare, scores in _rows(found):
        cells = [_name(row, label, rare, marks)]
        for name in others:
            cells += _tested(scores[name], marks)
        rows.append(cells)
    return names, rows


def _name(row: str, label: str, rare: bool, marks: Marks) -> str:
    return marks.text(label) + marks.rare * rare if row == "label" else OVERALL.get(row, row)


def _mean(score: GroupScore, marks: Marks) -> str:
    text = percent(score.mean, marks.undefined)
    return (
        text
        if score.std is None
        else f"{text} {marks.plus_minus} {percent(score.std, marks.undefined)}"
    )


def _tested(score: GroupScore, marks: Marks) -> list[str]:
    test = score.against
    if test is None:
        return [marks.undefined] * 2
    difference, low, high = (f"{100 * x:+.1f}" for x in (test.difference, test.low, test.high))
    p = test.p_value if test.adjusted is None else test.adjusted
    star = marks.star if p < LEVEL else ""
    return [f"{difference}{star} [{low}, {high}]", marks.text(p_number(p))]


def _legend(found: Mapping[str, ProbeComparison], star: str) -> str:
    few = any(any(comparison.rare) for comparison in found.values())
    return (
        "Accuracy of each label's head, in percent: mean over runs, ± their standard deviation. "
        "Below it the difference to the reference in points, with its 95 % interval (paired "
        "bootstrap over sentences) and the p-value of paired randomisation of sentences, for "
        f"labels after Holm's adjustment; {star}: p < {LEVEL}."
    ) + (" †: few scored items." if few else "")
