"""The tables of a probe: Markdown and LaTeX for people, CSV for programs; all count from 1."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from allennlp_heads.analysis.probing.result import LabelScore, ProbeResult, Score
from allennlp_heads.reports.markup import (
    LATEX,
    MARKDOWN,
    Marks,
    latex_rows,
    markdown_rows,
    percent,
)
from allennlp_heads.reports.probing.names import is_held_out

OVERALL = {
    "weighted": "all items, each by its label's head",
    "unweighted": "mean over labels",
    "one_head": "all items, by one head",
}
"""What tables call the scores of all labels together."""
_CSV = (
    *("task", "kind", "row", "label", "count", "choice_count", "fit_count", "layer", "head"),
    *("share", "accuracy", "low", "high", "random_head", "random_head_std", "offset"),
    *("offset_accuracy", "majority", "random_weights", "control", "selectivity", "rare"),
    "chosen_on",
)


def markdown_tables(results: Mapping[str, ProbeResult]) -> str:
    """A section for each task: a row for each label, then those of all labels together."""
    lines = ["# Probes of attention heads", "", legend(results), ""]
    for task, result in results.items():
        names, rows = score_table(result, MARKDOWN)
        lines += [
            f"## {MARKDOWN.text(task)}",
            "",
            *([tree_text(result), ""] if result.tree else []),
            *markdown_rows(names, rows),
            "",
        ]
        lines += [f"- {count:,} {MARKDOWN.text(reason)}" for reason, count in result.notes.items()]
        lines += [""] * bool(result.notes)
    return "\n".join(lines)


def latex_tables(results: Mapping[str, ProbeResult]) -> str:
    """The same tables as `tabular`s of LaTeX, which need no package."""
    lines = [f"% {legend(results)}"]
    for task, result in results.items():
        names, rows = score_table(result, LATEX)
        labels = len(result.labels)
        lines += [
            f"% {' '.join(task.split())}",
            *latex_rows(names, rows[:labels], rows[labels:]),
            "",
        ]
    return "\n".join(lines)


def csv_table(results: Mapping[str, ProbeResult]) -> str:
    """
    A row for each task and label, with shares from 0 to 1 and what is undefined empty; layers and
    heads count from 1. `row` is `label`, or the name of a score of all labels together.
    """
    file = io.StringIO()
    writer = csv.DictWriter(file, _CSV, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    for task, result in results.items():
        for name, score in [("label", label) for label in result.labels] + [
            *result.overall.items()
        ]:
            found: dict[str, Any] = {key: getattr(score, key, None) for key in _CSV}
            for place in ("layer", "head"):
                number = found[place]
                found[place] = None if number is None else number + 1
            found |= {"task": task, "kind": result.kind, "row": name}
            if name != "label":
                found["count"] = int(result.counts.sum())
            writer.writerow({key: _plain(value) for key, value in found.items()})
    return file.getvalue()


def head_name(layer: int, head: int) -> str:
    """A head as people count: `layer.head`, both from 1."""
    return f"{layer + 1}.{head + 1}"


def _plain(value: object) -> object:
    if isinstance(value, float):
        return "" if value != value else f"{value:.6f}"
    return str(value).lower() if isinstance(value, bool) else value


def score_table(result: ProbeResult, marks: Marks) -> tuple[list[str], list[list[str]]]:
    """
    The names of the columns, without those that no row fills, and the rows: one for each label,
    then those of `OVERALL`.
    """
    names = ["label", "items", "head", "accuracy", "random head", "best offset", "majority"]
    names += ["random weights", "control task"]
    rows = [_label(score, marks) for score in result.labels]
    rows += [_overall(name, score, result, marks) for name, score in result.overall.items()]
    empty = {marks.undefined, ""}
    kept = [place for place in range(len(names)) if any(row[place] not in empty for row in rows)]
    return [names[place] for place in kept], [[row[place] for place in kept] for row in rows]


def _label(score: LabelScore, marks: Marks) -> list[str]:
    name = marks.text(score.label) + marks.rare * score.rare
    name += marks.unseen * (score.chosen_on != "label")
    head = head_name(score.layer, score.head)
    if score.share < 1:
        head += f" ({100 * score.share:.0f} {marks.percent})"
    offset = percent(score.offset_accuracy, marks.undefined)
    if score.offset is not None:
        named = f"{score.offset:+d}" if isinstance(score.offset, int) else score.offset
        offset += f" ({named})"
    return [name, f"{score.count:,}", head, *_numbers(score, offset, marks)]


def _overall(name: str, score: Score, result: ProbeResult, marks: Marks) -> list[str]:
    layer, head = getattr(score, "layer", None), getattr(score, "head", None)
    place = "" if layer is None or head is None else head_name(layer, head)
    items = f"{int(result.counts.sum()):,}"
    offset = percent(score.offset_accuracy, marks.undefined)
    return [OVERALL.get(name, name), items, place, *_numbers(score, offset, marks)]


def _numbers(score: Score, offset: str, marks: Marks) -> list[str]:
    accuracy, low, high = (
        percent(x, marks.undefined) for x in (score.accuracy, score.low, score.high)
    )
    return [
        f"{accuracy} [{low}, {high}]",
        percent(score.random_head, marks.undefined),
        offset,
        *(
            percent(value, marks.undefined)
            for value in (score.majority, score.random_weights, score.control)
        ),
    ]


def tree_text(result: ProbeResult) -> str:
    """How well the best tree does, in a sentence; `""` where trees were not asked for."""
    tree = result.tree
    if tree is None:
        return ""
    orientation = tree.orientation.replace("_", " ")
    return (
        f"Trees: {percent(tree.uas)} [{percent(tree.low)}, {percent(tree.high)}] % of "
        f"{tree.count:,} words get their gold head in the maximum spanning tree of head "
        f"{head_name(tree.layer, tree.head)}, read {orientation}; random head "
        f"{percent(tree.random_head)}; every word under the one before it "
        f"{percent(tree.left_chain)}, under the one after it {percent(tree.right_chain)}."
    )


def legend(results: Mapping[str, ProbeResult]) -> str:
    """What the numbers and signs of the tables mean."""
    scores = [score for result in results.values() for score in result.labels]
    text = (
        "Accuracy in percent of the scored items, with its 95 % bootstrap interval over sentences, "
        "of the head (layer.head, from 1) that is best for the label on other data than is scored."
    )
    if not all(map(is_held_out, results.values())):
        text = (
            "Transductive: heads and centroids come from the scored items themselves. Accuracy in "
            "percent, with its 95 % bootstrap interval over sentences, of each label's best head "
            "(layer.head, from 1)."
        )
    if any(score.share < 1 for score in scores):
        text += " In brackets: the share of the items that this head scores, where folds differ."
    if any(score.rare for score in scores):
        text += " †: few scored items."
    if any(score.chosen_on != "label" for score in scores):
        text += " ‡: no item of the label to choose by, so its head is the best one for all labels."
    return text
