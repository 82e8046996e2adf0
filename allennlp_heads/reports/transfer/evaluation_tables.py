"""An evaluation as tables: Markdown and LaTeX for people, CSV for programs."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy

from allennlp_heads.analysis.transfer import Factor, MeasureScore, MethodDifference
from allennlp_heads.reports.markup import (
    LATEX,
    MARKDOWN,
    Marks,
    latex_rows,
    markdown_rows,
    p_number,
    plural,
)
from allennlp_heads.reports.transfer.evaluation import RankingEvaluation
from allennlp_heads.reports.transfer.numbers import best_named, points_text

NAMES = {
    "best_rank": "rank of best source",
    "ndcg": "NDCG",
    "regret@1": "regret@1",
    "regret@3": "regret@3",
    "regret@5": "regret@5",
    "spearman": "Spearman",
    "hit@1": "hit@1",
    "hit@3": "hit@3",
    "hit@5": "hit@5",
}
"""Of measures, in the order of tables."""

_SUMMARISED = ("ndcg", "best_rank", "regret@1", "spearman")
_TIMES_100 = ("ndcg", "hit@1", "hit@3", "hit@5")
_REGRESSIONS = {"all": "over all cells", "within_targets": "each target with its own intercept"}


class Table(NamedTuple):
    """
    # Parameters

    title : `str`
    names : `List[str]`
        Of the columns, escaped.
    rows : `List[List[str]]`
        Ready cells.
    """

    title: str
    names: list[str]
    rows: list[list[str]]


def evaluation_csv(found: RankingEvaluation) -> str:
    """A row for each method and measure, in the units of the measures."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    names = ("mean", "lower", "upper", "chance", "chance_lower", "chance_upper", "p_value")
    writer.writerow(["method", "measure", *names, "targets"])
    for method, evaluation in found.methods.items():
        for measure, score in evaluation.measures.items():
            numbers = [_plain(getattr(score, name)) for name in names]
            targets = int(numpy.isfinite(score.targets).sum())
            writer.writerow([method, measure, *numbers, targets])
    return file.getvalue()


def evaluation_markdown(found: RankingEvaluation, method: str) -> str:
    """All tables, each under its title; that of targets shows what `method` ranks first."""
    lines = ["# Rankings against measured transfer", "", f"{_legend(found)}", ""]
    lines += [f"- {MARKDOWN.text(note)}" for note in _notes(found)]
    lines += [""] if _notes(found) else []
    for table in evaluation_tables(found, method, MARKDOWN):
        lines += [f"## {MARKDOWN.text(table.title)}", ""]
        lines += [*markdown_rows(table.names, table.rows), ""]
    return "\n".join(lines)


def evaluation_latex(found: RankingEvaluation, method: str) -> str:
    """The same as `tabular`s."""
    lines = [f"% {' '.join(text.split())}" for text in (_legend(found), *_notes(found))]
    for table in evaluation_tables(found, method, LATEX):
        title = " ".join(table.title.split())
        lines += ["", f"% {title}", *latex_rows(table.names, table.rows)]
    return "\n".join([*lines, ""])


def evaluation_summary(found: RankingEvaluation) -> Iterator[str]:
    """A line for each main method, the best NDCG first, and one for chance."""
    methods = {name: found.methods[name].measures for name in found.ranking.main}
    width = max(map(len, methods))
    scored = int(found.candidates.any(axis=0).sum())
    measures = "NDCG, rank of the best source, regret@1, rho"
    yield f"Against {found.regime}, {plural(scored, 'target')}: {measures}"
    for name in sorted(methods, key=lambda name: -methods[name]["ndcg"].mean):
        values = [measure_text(key, methods[name][key].mean, MARKDOWN) for key in _SUMMARISED]
        yield f"  {name:<{width}}  {'  '.join(f'{value:>6}' for value in values)}"
    first = methods[found.reference]
    values = [measure_text(key, first[key].chance, MARKDOWN) for key in _SUMMARISED]
    yield f"  {'chance':<{width}}  {'  '.join(f'{value:>6}' for value in values)}"


def evaluation_tables(found: RankingEvaluation, method: str, marks: Marks) -> Iterator[Table]:
    """Methods, their differences, single components, targets, and what goes with the gain."""
    yield _methods(found, found.ranking.main, "Methods", marks)
    yield _differences(found, marks)
    components = [name for name in found.methods if name not in found.ranking.main]
    if components:
        yield _methods(found, components, "Single components, and families of them", marks)
    yield _targets(found, method, marks)
    if found.factors:
        yield _factors(found, marks)


def measure_text(measure: str, value: float, marks: Marks) -> str:
    """A value of a measure as tables show it."""
    if math.isnan(value):
        return marks.undefined
    if measure in _TIMES_100:
        return f"{100 * value:.1f}".replace("-", marks.minus)
    return f"{value:.2f}".replace("-", marks.minus)


def _methods(found: RankingEvaluation, methods: Sequence[str], title: str, marks: Marks) -> Table:
    rows = []
    for method in methods:
        scores = found.methods[method].measures
        cells = [_with_interval(name, scores[name], marks) for name in NAMES]
        rows.append([marks.text(method), *cells, _p(scores["ndcg"].p_value, marks)])
    first = next(iter(found.methods.values())).measures
    chance = [measure_text(name, first[name].chance, marks) for name in NAMES]
    rows.append(["chance", *chance, marks.undefined])
    return Table(title, ["method", *NAMES.values(), "p (NDCG)"], rows)


def _with_interval(measure: str, score: MeasureScore, marks: Marks) -> str:
    mean = measure_text(measure, score.mean, marks)
    return mean + _interval(measure, score.lower, score.upper, marks)


def _interval(measure: str, lower: float, upper: float, marks: Marks) -> str:
    if math.isnan(lower) or math.isnan(upper):
        return ""
    return f" ({measure_text(measure, lower, marks)} to {measure_text(measure, upper, marks)})"


def _differences(found: RankingEvaluation, marks: Marks) -> Table:
    compared = [name for name, tests in found.differences.items() if tests]
    rows = []
    for method in found.ranking.main:
        if method == found.reference:
            continue
        cells = [_difference(name, found.differences[name][method], marks) for name in compared]
        rows.append([marks.text(method), *cells])
    title = f"Differences to {found.reference}, with the p-value after Holm's correction"
    return Table(title, ["method", *(NAMES[name] for name in compared)], rows)


def _difference(measure: str, test: MethodDifference, marks: Marks) -> str:
    shown = measure_text(measure, test.difference, marks)
    interval = _interval(measure, test.lower, test.upper, marks)
    return f"{shown}{interval}, p {_p(test.adjusted, marks)}"


def _targets(found: RankingEvaluation, method: str, marks: Marks) -> Table:
    ranking, undefined = found.ranking, marks.undefined
    performance = numpy.where(found.candidates, found.performance, numpy.nan)
    chosen = found.chosen(method)
    rows = []
    for place, target in enumerate(ranking.tasks):
        cells = [marks.text(target), points_text(found.baseline[place], undefined)]
        scores, own = performance[:, place], chosen[place]
        best = best_named(ranking.tasks, scores)
        named = (best, None if own is None else ranking.tasks[own])
        reached = (numpy.nan if best is None else numpy.nanmax(scores), scores[own or 0])
        for source, score in zip(named, reached):
            shown = (marks.text(source), points_text(float(score), undefined)) if source else None
            cells += shown or (undefined, undefined)
        rows.append(cells)
    title = f"Targets in points, and the source that {method} ranks first"
    return Table(
        title, ["target", "no source", "best source", "with it", "chosen", "with it"], rows
    )


def _factors(found: RankingEvaluation, marks: Marks) -> Table:
    features = dict.fromkeys(name for one in found.factors.values() for name in one.factors)
    rows = []
    for feature in features:
        cells = [one.factors.get(feature) for one in found.factors.values()]
        rows.append([marks.text(feature), *(_factor(cell, marks) for cell in cells)])
    explained = [points_text(100 * one.r2, marks.undefined) for one in found.factors.values()]
    rows.append([f"variance explained, {marks.percent}", *explained])
    rows.append(["cells", *(str(one.cells) for one in found.factors.values())])
    title = "What goes with the gain: change in percent per standard deviation of the feature"
    return Table(title, ["feature", *(_REGRESSIONS[name] for name in found.factors)], rows)


def _factor(factor: Factor | None, marks: Marks) -> str:
    if factor is None:
        return marks.undefined
    numbers = factor.coefficient, factor.lower, factor.upper
    shown = [f"{100 * n * factor.deviation:+.2f}".replace("-", marks.minus) for n in numbers]
    known = not math.isnan(factor.lower)
    return f"{shown[0]} ({shown[1]} to {shown[2]})" if known else shown[0]


def _legend(found: RankingEvaluation) -> str:
    within = "of the target's own class" if found.ranking.within else "of all classes"
    among = " within classes" if found.ranking.within else ""
    return (
        f"Regime {found.regime}, sources {within}. Means over targets with 95 % intervals of the "
        "bootstrap over targets; chance is a random order. The p-value of the NDCG is one-sided: "
        "how often the same scores rank as well when the tasks' names in them are exchanged at "
        f"random{among}. NDCG and hit@k times 100, relevance of NDCG in points; regret@k in "
        "percent of the best."
    )


def _notes(found: RankingEvaluation) -> list[str]:
    return [*found.ranking.notes, *found.notes]


def _p(value: float, marks: Marks) -> str:
    return marks.undefined if math.isnan(value) else marks.text(p_number(value))


def _plain(value: float) -> str:
    return "" if math.isnan(value) else repr(float(value))
