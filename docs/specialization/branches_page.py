"""The part of the page about training the important heads alone, and its controls."""

from __future__ import annotations

import statistics

from docs.runs import paired
from docs.runs.records import Record
from docs.runs.tables import markdown, spread
from docs.specialization.comparisons import AGAINST, Compared, Results
from docs.specialization.masks_page import LEVEL, d_spread, measured, percent, title
from docs.specialization.plan import ALL, ALPHA, BOTTOM, FIVE, IMPORTANT, RANDOM

NAMES = {
    FIVE: "archive",
    ALL: "all heads",
    IMPORTANT: "important heads",
    RANDOM: "random heads",
    BOTTOM: "least important heads",
}
"""What is called how on the page."""

_SWEEP = "Other shares of heads, and training only these from a later update on."


def line_of(setting: str) -> str:
    """The name of the archive or of what was trained on top of it."""
    return NAMES[setting] if setting == FIVE else f"+ {NAMES[setting]}"


def scores_table(results: Results) -> list[str]:
    """What every task scores before and after; the last column is the mean over tasks."""
    first = next(iter(results.scored(results.branches()[0]).values()))
    tasks = sorted(first["tasks"])
    metrics = [measured(task, first["metric"][task]) for task in tasks]
    table = [["training", *metrics, "mean", "seeds"]]
    for setting in results.branches():
        runs = list(results.scored(setting).values())
        table.append([line_of(setting), *_cells(runs, tasks), str(len(runs))])
    return markdown(table)


def tests_table(rows: list[Compared]) -> list[str]:
    """Training the important heads against each of the others."""
    header = ["task", "important heads against", "difference", "95 % interval", "p", "p (Holm)"]
    table = [[*header, "by seed"]]
    for row in rows:
        cells = paired.cells(row.found, row.adjusted)
        table.append([title(row.task), NAMES[row.other], *cells])
    return markdown(table)


def verdicts(rows: list[Compared]) -> list[str]:
    """What the table says, counted for each that it is compared with."""
    lines = []
    for other in AGAINST:
        found = [row for row in rows if row.other == other]
        provable = [row.found.difference for row in found if row.adjusted < LEVEL]
        better = sum(difference > 0 for difference in provable)
        higher = sum(row.found.difference > 0 for row in found)
        what = "the archive" if other == FIVE else f"training {NAMES[other]}"
        if found:
            lines.append(
                f"- Against {what}: higher in {higher} of {len(found)} tasks; at the level {LEVEL} "
                f"after correction better in {better}, worse in {len(provable) - better}."
            )
    return lines


def d_table(results: Results) -> list[str]:
    """D of every task before and after."""
    found = {
        setting: masked
        for setting in (FIVE, ALL, IMPORTANT)
        if (masked := results.masked(setting)) is not None
    }
    if len(found) < 2:
        return []
    tasks = found[FIVE].data.tasks
    table = [[f"D at {percent(ALPHA)}, percent", *(title(task) for task in tasks), "mean", "seeds"]]
    for setting, masked in found.items():
        runs = masked.standard.by_run
        cells = [d_spread([one.d[task] for one in runs]) for task in tasks]
        mean = d_spread([one.mean for one in runs])
        table.append([line_of(setting), *cells, mean, str(len(runs))])
    return markdown(table)


def sweep_table(results: Results) -> list[str]:
    """The scores for every share of heads and start, and of training all heads, of equal seeds."""
    swept = results.sweep()
    shared = [results.scored(IMPORTANT, *options) for options in swept]
    seeds = sorted(set.intersection(*map(set, shared))) if shared else []
    if len(swept) < 2 or not seeds:
        return []
    tasks = sorted(results.scored(IMPORTANT, *swept[0])[seeds[0]]["metric"])
    table = [["heads trained", "from", *(title(task) for task in tasks), "mean"]]
    for alpha, start in swept:
        runs = results.scored(IMPORTANT, alpha, start)
        cells = _cells([runs[seed] for seed in seeds], tasks)
        table.append([percent(alpha), percent(start), *cells])
    everything = results.scored(ALL)
    if set(seeds) <= set(everything):
        cells = _cells([everything[seed] for seed in seeds], tasks)
        table.append(["all", "", *cells])
    return [f"{_SWEEP} Seeds: {', '.join(map(str, seeds))}.", "", *markdown(table)]


def _cells(runs: list[Record], tasks: list[str]) -> list[str]:
    """The score of every task, and the mean of them."""
    scores = [[run["scored"]["scores"][task] for task in tasks] for run in runs]
    return [spread(values) for values in [*zip(*scores), [statistics.mean(row) for row in scores]]]
