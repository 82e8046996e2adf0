"""The tables of the measured transfer and of the methods that rank its sources."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from allennlp_heads.analysis.transfer import RANDOM, Factors, MethodEvaluation
from docs.runs.tables import markdown
from docs.transfer import study
from docs.transfer.comparisons import OTHER_RESTARTS, TESTED, Against, Results
from docs.transfer.plan import MEASURES, task_title, title_of

_OF_RESTARTS = ("ndcg", "best_rank", "spearman", "regret@1")


def targets_table(results: Results) -> list[str]:
    """Every target without a source, with the best and the worst of them."""
    matrix = results.matrix
    header = ["target", "class", "metric", "there are", "alone", "by restart"]
    table = [[*header, "mean of all sources", "best source", "worst source"]]
    for place, task in enumerate(matrix.tasks):
        values, alone = matrix.performance[:, place], matrix.baseline[place]
        restarts = ", ".join(_points(100 * score) for score in matrix.direct[place])
        about = [task_title(task), matrix.classes[task], matrix.metrics[task]]
        row = [*about, f"{matrix.available[task]:,}", _points(alone), restarts]
        if numpy.isfinite(values).any():
            ends = (numpy.nanargmax(values), numpy.nanargmin(values))
            row.append(_points(float(numpy.nanmean(values))))
            row += [f"{task_title(matrix.tasks[end])} {_points(values[end])}" for end in ends]
        else:
            row += [""] * 3
        table.append(row)
    return markdown(table)


def classes_table(results: Results) -> list[str]:
    """Mean gain over targets by the best source of a class, and how many targets gain at all."""
    matrix, classes = results.matrix, numpy.array(results.classes)
    names = list(dict.fromkeys(results.classes))
    table = [["best source among", *names]]
    for source in names:
        row = [source]
        for target in names:
            rows, columns = (
                numpy.flatnonzero(classes == source),
                numpy.flatnonzero(classes == target),
            )
            row.append(_best_gains(matrix.gains[numpy.ix_(rows, columns)]))
        table.append(row)
    return markdown(table)


def methods_table(
    results: Results, evaluations: dict[str, MethodEvaluation], with_tests: bool = True
) -> list[str]:
    """Every method of the page with intervals, and its test against random rankings."""
    header = ["method", "numbers", *MEASURES.values()]
    if with_tests:
        header += [f"p (Holm), {MEASURES[name]}" for name in TESTED]
    table = [header]
    for method in results.shown:
        scores = evaluations[method].measures
        cells = [
            f"{scores[name].mean:.3f} ({scores[name].lower:.3f} to {scores[name].upper:.3f})"
            for name in MEASURES
        ]
        row = [title_of(method), numbers_of(results, method), *cells]
        if with_tests:
            values = [results.above_chance.get((method, name)) for name in TESTED]
            row += ["" if value is None else f"{value:.4f}" for value in values]
        table.append(row)
    return markdown(table)


def unscored_line(results: Results) -> list[str]:
    """Of how many sources, and of which whole targets, a method can say nothing."""
    tasks = results.matrix.tasks
    counts = {name: results.evaluations[name].unscored for name in results.shown}
    said = [f"{title_of(name)} {number}" for name, number in counts.items() if number]
    if not said:
        return []
    cells = int(numpy.isfinite(next(iter(results.evaluations.values())).ranks).sum())
    text = f"Of {cells} pairs of target and source, so many have no score and are ranked last"
    lines = [f"{text}: {', '.join(said)}."]
    for name in results.shown:
        silent = [task_title(tasks[place]) for place in results.evaluations[name].silent]
        if silent:
            lines.append(f"{title_of(name)} says nothing of {', '.join(silent)}.")
    return [*lines, ""]


def against_table(rows: Sequence[Against]) -> list[str]:
    """Methods against a reference, target by target."""
    header = ["method", "measure", "difference", "95 % interval", "better", "worse", "p"]
    table = [[*header, "p (Holm)"]]
    for row in rows:
        found = row.found
        table.append(
            [
                title_of(row.method),
                MEASURES[row.measure],
                f"{found.difference:+.3f}",
                f"{found.lower:+.3f} to {found.upper:+.3f}",
                str(found.better),
                str(found.worse),
                f"{found.p_value:.4f}",
                f"{row.adjusted:.4f}",
            ]
        )
    return markdown(table)


def restarts_table(results: Results) -> list[str]:
    """Rankings evaluated on single restarts, beside that of the other restarts."""
    found = results.by_restart
    if not found:
        return []
    names = [OTHER_RESTARTS, *(name for name in results.shown if name in found)]
    table = [["ranking", *(MEASURES[name] for name in _OF_RESTARTS)]]
    for name in names:
        table.append([title_of(name), *(f"{found[name][m]:.3f}" for m in _OF_RESTARTS)])
    return markdown(table)


def choices_table(results: Results) -> list[str]:
    """What the first source of a ranking is worth, beside the study's."""
    table = [["source", "truly best", "mean difference, points", "mean gain", "targets it hurts"]]
    for method in results.shown:
        if method != RANDOM:
            table.append([title_of(method), *_cells(choice_of(results, method))])
    matrix = results.matrix
    differences = matrix.performance - matrix.baseline
    if numpy.isfinite(differences).any():
        mean = float(numpy.nanmean(differences))
        table.append(["any source, mean", "", f"{mean:+.2f}", _mean_gain(matrix.gains), ""])
    given = study.TASK_EMBEDDING
    table.append(["the study's TaskEmb (its Figure 2)", *_cells(given)])
    return markdown(table)


def choice_of(results: Results, method: str) -> study.Choice:
    """The sources that a method ranks first, of the targets that were fine-tuned directly."""
    matrix, found = results.matrix, results.evaluations[method]
    targets = [
        place
        for place in numpy.flatnonzero(found.chosen >= 0)
        if numpy.isfinite(matrix.baseline[place])  # without it the choice can neither help nor hurt
    ]
    cells = found.chosen[targets], targets
    differences = (matrix.performance - matrix.baseline)[cells]
    gains = matrix.gains[cells]
    return study.Choice(
        float(numpy.nansum(found.measures["hit@1"].targets[targets])),
        len(targets),
        float(differences.mean()) if len(targets) else numpy.nan,
        float(numpy.nanmean(gains)) if numpy.isfinite(gains).any() else numpy.nan,
        int((differences < 0).sum()),
    )


def factors_table(relative: Factors, points: Factors) -> list[str]:
    """What goes with the gain, within targets."""
    table = [["", "gain in % of the target's score", "gain in points", "a usual difference"]]
    for name, factor in relative.factors.items():
        other = points.factors[name]
        row = [name, _interval(100 * numpy.array(factor[:3])), _interval(numpy.array(other[:3]))]
        table.append([*row, f"{factor.deviation:.3g}"])
    explained = [f"{100 * found.r2:.1f} % explained" for found in (relative, points)]
    table.append([f"{relative.cells} and {points.cells} cells", *explained, ""])
    return markdown(table)


def numbers_of(results: Results, method: str) -> str:
    """How many numbers a task's embedding is of, at most; empty for baselines."""
    size = results.sizes.get(method)
    return "" if size is None else f"{size:,}"


def _cells(choice: study.Choice) -> list[str]:
    return [
        f"{choice.hits:.3g} of {choice.targets}",
        f"{choice.points:+.2f}",
        f"{100 * choice.gain:+.1f} %",
        f"{choice.worse} of {choice.targets}",
    ]


def _best_gains(gains: numpy.ndarray) -> str:
    columns = [column[numpy.isfinite(column)] for column in gains.T]
    best = [float(column.max()) for column in columns if column.size]
    if not best:
        return "-"
    return f"{100 * float(numpy.mean(best)):+.1f} % ({sum(x > 0 for x in best)} of {len(best)})"


def _mean_gain(gains: numpy.ndarray) -> str:
    known = gains[numpy.isfinite(gains)]
    return f"{100 * known.mean():+.1f} %" if known.size else ""


def _interval(values: numpy.ndarray) -> str:
    return f"{values[0]:+.3g} ({values[1]:+.3g} to {values[2]:+.3g})"


def _points(value: float) -> str:
    return "-" if numpy.isnan(value) else f"{value:.1f}"
