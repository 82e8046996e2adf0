"""What `allennlp heads probe` and the callback `head_probe` wrote: what single heads know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy

from allennlp_heads.analysis.probing.result import LabelScore, ProbeResult
from allennlp_heads.reports.markup import PLAIN
from allennlp_heads.reports.page.blocks import Block, Chart, Grid, HeadGrids, Section, Table, Text
from allennlp_heads.reports.page.cells import times_100
from allennlp_heads.reports.page.charts import dots
from allennlp_heads.reports.page.run_folder import Report, RunFolder
from allennlp_heads.reports.page.sections.each_report import section_of_each
from allennlp_heads.reports.page.sections.names import isolated
from allennlp_heads.reports.page.sections.probe_epochs import epochs
from allennlp_heads.reports.probing.epochs import read_epochs
from allennlp_heads.reports.probing.files import read_probe
from allennlp_heads.reports.probing.names import is_held_out, marks
from allennlp_heads.reports.probing.tables import head_name, legend, score_table, tree_text

_SCHEMA = "probe"
_EPOCHS = "probe_epochs"
_TABLED, _MAPPED, _DRAWN = 60, 40, 12
"""The most frequent labels, in the table, in grids and in the chart."""


def sections(run: RunFolder) -> list[Section]:
    """A section for each report; those of single epochs are part of the one above them."""
    whole = [path for path in run.found.get(_SCHEMA, ()) if not _is_of_epoch(path)]
    return section_of_each(
        [replace(run, found={_SCHEMA: whole})], _SCHEMA, "What single heads know", _blocks
    )


def _is_of_epoch(path: Path) -> bool:
    return path.parent.parent.name == _EPOCHS


def _blocks(report: Report) -> list[Block]:
    results, by_epoch = read_probe(report.path), read_epochs(report.path.parent)
    blocks: list[Block] = [Text(legend(results))]
    for task, result in results.items():
        blocks += [*_table(task, result), _labels(task, result), _grids(task, result)]
        if len(by_epoch.get(task, ())) > 1:
            blocks += epochs(task, by_epoch[task])
    return blocks


def _table(task: str, result: ProbeResult) -> Iterator[Block]:
    names, rows = score_table(result, PLAIN)
    labels = len(result.labels)
    caption = f"{isolated(task)}: {int(result.counts.sum()):,} scored items"
    caption += f", the {_TABLED} most frequent of {labels} labels." if labels > _TABLED else "."
    notes = "; ".join(f"{reason} ({count:,})" for reason, count in result.notes.items())
    yield Table(names, [*rows[labels:], *rows[: min(labels, _TABLED)]], caption)
    for text in (tree_text(result), f"Notes: {notes}." if notes else ""):
        if text:
            yield Text(f"{isolated(task)}. {text}")


def _labels(task: str, result: ProbeResult) -> Chart:
    scores = result.labels[:_DRAWN]
    rows = [row for score in scores for row in _beside(score)]
    title = f"{isolated(task)}: accuracy of each label's head, and without it"
    spec = dots(
        rows,
        *("label", "accuracy", "low", "high", "of"),
        value_title="accuracy, %, with 95 % interval",
        zero=True,
        details={"head": "head"},
    )
    which = "each label" if len(scores) == len(result.labels) else "each frequent label"
    about = f"The accuracy of the head of {which}, beside what does without it. The table has more."
    return Chart(title, spec, about)


def _beside(score: LabelScore) -> Iterator[dict[str, object]]:
    """The label's head, and what does without it."""
    label, head = score.label + marks(score), head_name(score.layer, score.head)
    low, high = times_100(score.low), times_100(score.high)
    accuracy = times_100(score.accuracy)
    yield {
        **{"label": label, "of": "its head", "head": head},
        **{"accuracy": accuracy, "low": low, "high": high},
    }
    others = {
        "a random head": score.random_head,
        "the best offset": score.offset_accuracy,
        "random weights": score.random_weights,
    }
    for name, value in others.items():
        if value is not None:
            yield {"label": label, "of": name, "accuracy": times_100(value)}


def _grids(task: str, result: ProbeResult) -> HeadGrids:
    statistics = {name.replace("_", " "): found for name, found in result.statistics.items()}
    grids = [Grid("all labels", _percent(result, result.of_all_items()), statistics)]
    grids += _label_grids(result.labels[:_MAPPED], result)
    return HeadGrids(
        f"{isolated(task)}: accuracy of every head, by label",
        grids,
        "accuracy, %",
        limits=(0.0, 100.0),
        description=(
            "On the scored items themselves: the darkest cell of a grid is picked by eye on the "
            "data that it is drawn from, and lies a little too high. "
            f"{'The table does not do so.' if is_held_out(result) else 'So do those of the table.'}"
        ),
    )


def _label_grids(scores: Sequence[LabelScore], result: ProbeResult) -> Iterator[Grid]:
    for place, score in enumerate(scores):
        name = f"{isolated(score.label)}{marks(score)} (head {head_name(score.layer, score.head)})"
        yield Grid(name, _percent(result, result.accuracy[place]))


def _percent(result: ProbeResult, shares: numpy.ndarray) -> numpy.ndarray:
    return numpy.where(result.exists, 100 * shares, numpy.nan)
