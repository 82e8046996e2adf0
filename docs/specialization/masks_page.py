"""The part of the page about one training whose heads are masked."""

from __future__ import annotations

import math
import statistics

import numpy

from allennlp_heads.analysis.dissociation_intervals import Interval
from docs.runs import paired
from docs.runs.tables import markdown, spread
from docs.specialization.comparisons import Masked, Tested
from docs.specialization.plan import ALPHA

LEVEL = 0.05
_DOUBLE = ("double", "mild", "distinct")


def title(task: object) -> str:
    """How a task is called on the page."""
    return str(task).upper()


def percent(share: float) -> str:
    """A share of the heads or updates in words."""
    return f"{100 * share:g} %"


def measured(task: str, metric: str) -> str:
    """A task with the metric that its scores are."""
    return f"{title(task)} {metric}".replace("f1", "F1")


def scores_table(masked: Masked) -> list[str]:
    """What every task scores with all heads and under masks."""
    found, tasks = masked.standard, masked.data.tasks
    own = numpy.diagonal(found.own, axis1=1, axis2=2)
    others = (found.own.sum(axis=1) - own) / (len(tasks) - 1)
    draws = found.random.shape[1]
    rows = [
        ("all heads", found.base),
        ("own mask", own),
        ("others' masks" + ", mean" * (len(tasks) > 2), others),
        (f"{draws} random masks, mean", found.random.mean(axis=1)),
    ]
    if len(tasks) > 2:
        rows += [(f"mask of {title(task)}", found.own[:, n]) for n, task in enumerate(tasks)]
    table = [["heads", *(measured(task, masked.data.metrics[task]) for task in tasks)]]
    table += [[name, *(spread(values) for values in scores.T.tolist())] for name, scores in rows]
    return markdown(table)


def d_table(masked: Masked) -> list[str]:
    """D of every task and their mean, for every share of the heads."""
    shares = [f"{percent(found.alpha)} of the heads" for found in masked.results]
    bounds = [f"95 % interval at {percent(ALPHA)}, examples", "examples and runs"]
    table = [["D, percent", *shares, *bounds]]
    sure = masked.standard.intervals, masked.standard.run_intervals
    for task in masked.data.tasks:
        cells = [d_spread([one.d[task] for one in found.by_run]) for found in masked.results]
        table.append([title(task), *cells, *(_bounds(one and one.d[task]) for one in sure)])
    cells = [d_spread([one.mean for one in found.by_run]) for found in masked.results]
    table.append(["mean", *cells, *(_bounds(one and one.mean) for one in sure)])
    certain = [task for task in masked.data.tasks if task not in masked.unsure]
    if masked.unsure and certain:
        cells = [
            d_spread([statistics.mean(one.d[task] for task in certain) for one in found.by_run])
            for found in masked.results
        ]
        table.append([f"mean without {_names(masked)}", *cells, "", ""])
    return markdown(table)


def pairs_table(masked: Masked) -> list[str]:
    """D and verdict of every pair, of the mean over seeds and of each seed."""
    found = masked.standard
    header = ["pair", "D of the first", "D of the second", "D", "95 % interval", "verdict"]
    table = [[*header, "by seed"]]
    for place, pair in enumerate(found.mean.pairs):
        bounds = _bounds(found.intervals.pairs[pair.first, pair.second])
        by_seed = ", ".join(one.pairs[place].verdict for one in found.by_run)
        numbers = [_number(value) for value in (pair.d_first, pair.d_second, pair.d)]
        names = f"{title(pair.first)}, {title(pair.second)}"
        table.append([names, *numbers, bounds, pair.verdict, by_seed])
    return markdown(table)


def verdicts(masked: Masked) -> str:
    """What the table of pairs says, counted."""
    found = masked.standard
    places = [
        place
        for place, pair in enumerate(found.mean.pairs)
        if not {pair.first, pair.second} & set(masked.unsure)
    ]
    pairs = [found.mean.pairs[place] for place in places]
    kinds = [pair.verdict for pair in pairs]
    double = sum(kind in _DOUBLE for kind in kinds)
    every = sum(
        all(one.pairs[place].verdict in _DOUBLE for one in found.by_run) for place in places
    )
    without = f" without {_names(masked)}" if masked.unsure else ""
    above = sum(found.intervals.pairs[pair.first, pair.second].lower > 0 for pair in pairs)
    return (
        f"Pairs{without} that dissociate doubly: {double} of {len(pairs)} on the mean over seeds "
        f"({kinds.count('distinct')} distinctly, {kinds.count('mild')} mildly), {every} in every "
        f"seed; the interval of D is above 0 in {above}."
    )


def about_unsure(masked: Masked) -> list[str]:
    """A sentence about the tasks to whose score nothing should be related, if any."""
    if not masked.unsure:
        return []
    bounds = ", ".join(
        f"{title(task)} {lower:.2f} to {upper:.2f}"
        for task, (lower, upper) in masked.unsure.items()
    )
    return [
        f"The score of {_names(masked)} with all heads is too small and unsure for shares of it to "
        f"mean anything (95 % interval: {bounds}), and its D stands here for completeness alone.",
        "",
    ]


def tests_table(rows: list[Tested]) -> list[str]:
    """Random masks against each task's own mask."""
    header = ["training", "task", "random minus own", "95 % interval", "p", "p (Holm)"]
    table = [[*header, "seeds and draws"]]
    for row in rows:
        runs = row.found.by_run
        above = f"{sum(value > 0 for value in runs)} of {len(runs)} above 0"
        lies = f"{min(runs):+.4f} to {max(runs):+.4f}, {above}"
        cells = paired.cells(row.found, row.adjusted)[:-1]
        table.append([row.setting, title(row.task), *cells, lies])
    return markdown(table)


def tests_verdict(rows: list[Tested]) -> str:
    """What the table says, counted."""
    provable = [row.found.difference for row in rows if row.adjusted < LEVEL]
    worse = sum(difference > 0 for difference in provable)
    return (
        f"At the level {LEVEL} after correction, {worse} of {len(rows)} lose more under their own "
        f"mask than under random ones, {len(provable) - worse} lose less, and "
        f"{len(rows) - len(provable)} do not differ provably."
    )


def d_spread(values: list[float]) -> str:
    """Mean and deviation of the values of D that are defined."""
    defined = [value for value in values if not math.isnan(value)]
    if not defined:
        return "undefined"
    fewer = f" ({len(defined)} of {len(values)} seeds)" if len(defined) < len(values) else ""
    return f"{spread(defined, 2)}{fewer}"


def _bounds(bounds: Interval | None) -> str:
    if bounds is None:
        return ""
    return "undefined" if math.isnan(bounds.lower) else f"{bounds.lower:.2f} to {bounds.upper:.2f}"


def _names(masked: Masked) -> str:
    return " and ".join(map(title, masked.unsure))


def _number(value: float) -> str:
    return "undefined" if math.isnan(value) else f"{value:.2f}"
