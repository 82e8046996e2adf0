"""Dissociation scores as tables: Markdown for people, CSV for programs; scores times 100."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

import numpy

from allennlp_heads.analysis.dissociation_intervals import Interval
from allennlp_heads.reports.dissociation_data import DissociationData
from allennlp_heads.reports.dissociation_results import Result
from allennlp_heads.reports.markup import p_number, plural


def csv_table(data: DissociationData, found: Sequence[Result]) -> str:
    """
    A row for each mask (`mask:<task>`, `random`, none for `base`), then `d`, `d_lower`, `d_upper`;
    a column for each evaluated task, and before them the share of masked heads. Undefined: empty.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["alpha", "row", *data.tasks])
    for result in found:
        for name, values in _rows(data, result):
            cells = ["" if numpy.isnan(value) else f"{value:.4f}" for value in values]
            writer.writerow([f"{result.alpha:g}", name, *cells])
    return file.getvalue()


def _rows(data: DissociationData, result: Result) -> Iterator[tuple[str, Sequence[float]]]:
    for row, task in enumerate(data.tasks):
        yield f"mask:{task}", 100 * result.own.mean(axis=0)[row]
    yield "random", 100 * result.random.mean(axis=(0, 1))
    yield "base", 100 * result.base.mean(axis=0)
    intervals = result.intervals.d
    yield "d", [result.mean.d[task] for task in data.tasks]
    yield "d_lower", [intervals[task].lower for task in data.tasks]
    yield "d_upper", [intervals[task].upper for task in data.tasks]


def markdown_tables(data: DissociationData, found: Sequence[Result]) -> str:
    """For each share of masked heads the scores under every mask, and the verdict on each pair."""
    metrics = ", ".join(f"{task}: {data.metrics[task]}" for task in data.tasks)
    runs = len(data.runs)
    draws = data.random_masks.shape[3]
    lines = [
        "# Dissociation of tasks",
        "",
        f"Scores times 100 ({metrics}), mean over {plural(runs, 'run')}"
        + (" ± their standard deviation." if runs > 1 else "."),
        f"Random: mean over {plural(draws, 'random mask')} a run. D in percent, with intervals by "
        "the bootstrap over examples.",
        "",
    ]
    for result in found:
        lines += [*_scores(data, result), "", *_pairs(result), ""]
    return "\n".join(lines)


def _scores(data: DissociationData, result: Result) -> list[str]:
    heads = int(data.exists.sum())
    lines = [
        f"## {result.masked} of {heads} heads masked (alpha {100 * result.alpha:g} %)",
        "",
        *_head(["masked", *data.tasks], left=1),
    ]
    for row, mask in enumerate(data.tasks):
        cells = [_mean(result.own[:, row, column]) for column in range(len(data.tasks))]
        cells[row] = f"**{cells[row]}**"
        lines.append(_line([f"heads of {mask}", *cells]))
    columns = range(len(data.tasks))
    lines += [
        _line(["random heads", *(_mean(result.random[:, :, e].mean(axis=1)) for e in columns)]),
        _line(["none", *(_mean(result.base[:, e]) for e in columns)]),
        _line(["D_i", *(_with(result.mean.d[t], result.intervals.d[t]) for t in data.tasks)]),
        _line(["p, own against random", *(p_number(result.adjusted[t]) for t in data.tasks)]),
    ]
    whole = _with(result.mean.mean, result.intervals.mean)
    lines += ["", f"D: {whole}. The p-values are adjusted for the number of tasks (Holm)."]
    if result.mean.undefined:
        names = ", ".join(result.mean.undefined)
        lines.append(f"Undefined, since the base score is not above 0: {names}.")
    return lines


def _pairs(result: Result) -> list[str]:
    lines = _head(["A", "B", "D_A", "D_B", "D", "dissociation"], left=2)
    for pair in result.mean.pairs:
        both = _with(pair.d, result.intervals.pairs[pair.first, pair.second])
        own = [_number(pair.d_first), _number(pair.d_second)]
        lines.append(_line([str(pair.first), str(pair.second), *own, both, pair.verdict]))
    return lines


def _head(names: Sequence[str], left: int) -> list[str]:
    marks = [" --- " if place < left else " ---: " for place in range(len(names))]
    return [_line(names), f"|{'|'.join(marks)}|"]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _mean(scores: numpy.ndarray) -> str:
    text = f"{100 * scores.mean():.2f}"
    return f"{text} ± {100 * scores.std(ddof=1):.2f}" if len(scores) > 1 else text


def _with(value: float, interval: Interval) -> str:
    if numpy.isnan(interval.lower):
        return _number(value)
    return f"{_number(value)} [{interval.lower:.2f}, {interval.upper:.2f}]"


def _number(value: float) -> str:
    return "–" if numpy.isnan(value) else f"{value:.2f}"
