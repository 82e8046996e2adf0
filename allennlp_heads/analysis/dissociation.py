"""
Whether tasks rest on heads of their own: the dissociation scores of interpretation by attention
pruning (Li et al. 2023, *Interpreting and Exploiting Functional Specialization in Multi-Head
Attention under Multi-task Learning*, Eq. 5 to 7 and section 3).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy

DISTINCT, MILD = 10.0, 5.0
"""Percent that a pair's D must reach for a distinct, and exceed for a mild, dissociation."""

Scores = Mapping[Any, Any] | Sequence[Any] | numpy.ndarray


class Pair(NamedTuple):
    """
    Two tasks against each other (Eq. 6), all in percent.

    # Parameters

    first, second : `Hashable`
        The tasks A and B.
    d_first : `float`
        D_A = RP_A(H_B) - RP_A(H_A): how much more A suffers from the loss of its own heads.
    d_second : `float`
        D_B, likewise.
    d : `float`
        D = (D_A + D_B) / 2.
    verdict : `str`
        `"distinct"`, `"mild"` and `"double"` are double dissociations (D_A and D_B above 0) in
        falling order of D; `"single"`: one D is above the threshold for distinct, the other below
        0; `"wrong importance estimate"`: both below 0; `"none"`: anything else; `"undefined"`: the
        base score of a task is not positive.
    """

    first: Hashable
    second: Hashable
    d_first: float
    d_second: float
    d: float
    verdict: str


class Dissociation(NamedTuple):
    """
    # Parameters

    tasks : `List[Hashable]`
    rp : `numpy.ndarray`
        `[pruned task, evaluated task]`: relative performance (Eq. 5), a share of the base score;
        `nan` in the columns of tasks whose base score is not positive.
    d : `Dict[Hashable, float]`
        D_i of each task in percent (Eq. 7); `nan` where undefined.
    mean : `float`
        D, the mean of the tasks' D_i that are defined, in percent; `nan` when none is.
    pairs : `List[Pair]`
        Every pair of tasks, in the order of `tasks`.
    """

    tasks: list[Any]
    rp: numpy.ndarray
    d: dict[Any, float]
    mean: float
    pairs: list[Pair]

    @property
    def verdicts(self) -> dict[tuple[Any, Any], str]:
        """The verdict on every pair."""
        return {(pair.first, pair.second): pair.verdict for pair in self.pairs}

    @property
    def undefined(self) -> list[Any]:
        """Tasks whose base score is not positive, so that nothing is relative to it."""
        return [task for task, value in self.d.items() if numpy.isnan(value)]


def dissociation(
    pruned: Scores,
    base: Scores,
    distinct: float = DISTINCT,
    mild: float = MILD,
    allow_undefined: bool = False,
) -> Dissociation:
    """
    The dissociation scores of tasks that share a model.

    # Parameters

    pruned : `Mapping[Hashable, Mapping[Hashable, float]]` or `numpy.ndarray`
        `pruned[p][e]`: score of task e when the heads most important to task p are masked. Rows are
        the masks, columns the evaluated tasks. In an array tasks are numbered.
    base : `Mapping[Hashable, float]` or `numpy.ndarray`
        Score of each task with all heads. Shares or percent, but the same as `pruned`.
    distinct, mild : `float`, optional (default = `10.0`, `5.0`)
        Thresholds of a pair's D in percent.
    allow_undefined : `bool`, optional (default = `False`)
        Mark tasks whose base score is 0, negative or no number (Matthews and Pearson coefficients
        can be) with `nan` instead of refusing them.

    # Returns

    `Dissociation`

    Raises `ValueError` for fewer than two tasks, rows or columns that are not the tasks of `base`,
    a score that is no finite number, and a base score that is not positive.
    """
    tasks, table, whole = _arrays(pruned, base)
    missing = numpy.isnan(table).any(axis=0) | ~(whole > 0)
    if missing.any() and not allow_undefined:
        first = int(missing.argmax())
        raise ValueError(
            f"the task {tasks[first]!r} has base score {whole[first]:g} and scores "
            f"{table[:, first].tolist()} under masks: relative performance needs a positive base "
            "score and a number under every mask"
        )
    return of_relative(tasks, relative_performance(table, whole), distinct, mild)


def of_relative(
    tasks: Sequence[Any], rp: numpy.ndarray, distinct: float = DISTINCT, mild: float = MILD
) -> Dissociation:
    """
    The same from relative performance `[pruned task, evaluated task]`, such as the mean over runs:
    all scores are linear in it.
    """
    _check_tasks(tasks)
    excess = own_excess(rp)
    d = task_scores(excess)
    pairs = []
    for one, other in combinations(range(len(tasks)), 2):
        first, second = float(excess[other, one]), float(excess[one, other])
        found = verdict(first, second, distinct, mild)
        pairs.append(Pair(tasks[one], tasks[other], first, second, (first + second) / 2, found))
    by_task = dict(zip(tasks, d.tolist()))
    return Dissociation(list(tasks), rp, by_task, float(mean_of_defined(d)), pairs)


def relative_performance(pruned: numpy.ndarray, base: numpy.ndarray) -> numpy.ndarray:
    """
    Eq. 5: scores `[..., masks, tasks]` as shares of the base scores `[..., tasks]`; `nan` where the
    base score is not positive.
    """
    base = numpy.where(base > 0, base, numpy.nan)
    return pruned / base[..., None, :]


def own_excess(rp: numpy.ndarray) -> numpy.ndarray:
    """
    How much more each task suffers from its own mask than from each task's, in percent.

    # Parameters

    rp : `numpy.ndarray`
        `[..., pruned task, evaluated task]`.

    # Returns

    `numpy.ndarray`
        `[..., pruned task p, evaluated task e]`: 100 (RP_e(H_p) - RP_e(H_e)), 0 on the diagonal.
    """
    own = numpy.diagonal(rp, axis1=-2, axis2=-1)
    return 100 * (rp - own[..., None, :])


def task_scores(excess: numpy.ndarray) -> numpy.ndarray:
    """Eq. 7: D_i `[..., tasks]`, the mean of `own_excess` over the masks of the other tasks."""
    return excess.sum(axis=-2) / (excess.shape[-1] - 1)


def mean_of_defined(d: numpy.ndarray) -> numpy.ndarray:
    """The mean of D_i `[..., tasks]` over the tasks that have one; `nan` where none has."""
    defined = ~numpy.isnan(d)
    number = defined.sum(axis=-1)
    total = numpy.where(defined, d, 0.0).sum(axis=-1)
    return numpy.where(number > 0, total / numpy.maximum(number, 1), numpy.nan)


def verdict(d_first: float, d_second: float, distinct: float = DISTINCT, mild: float = MILD) -> str:
    """The verdict on a pair; see `Pair`."""
    low, high = sorted((d_first, d_second))
    if numpy.isnan(low + high):
        return "undefined"
    if low > 0:
        d = (low + high) / 2
        return "distinct" if d >= distinct else "mild" if d > mild else "double"
    if high < 0:
        return "wrong importance estimate"
    return "single" if low < 0 and high > distinct else "none"


def _arrays(pruned: Scores, base: Scores) -> tuple[list[Any], numpy.ndarray, numpy.ndarray]:
    """The tasks, `[pruned task, evaluated task]` and the base scores."""
    if isinstance(pruned, Mapping) and isinstance(base, Mapping):
        tasks = list(base)
        for name, row in [
            ("pruned", pruned),
            *((f"pruned[{key!r}]", pruned[key]) for key in pruned),
        ]:
            if set(row) != set(tasks):
                raise ValueError(f"{name} has {list(row)}, but 'base' has the tasks {tasks}")
        pruned = [[pruned[mask][task] for task in tasks] for mask in tasks]
        base = list(base.values())
    elif isinstance(pruned, Mapping) or isinstance(base, Mapping):
        raise ValueError("'pruned' and 'base' must both be dictionaries or both be arrays")
    else:
        tasks = list(range(len(base)))
    table, whole = numpy.asarray(pruned, dtype=float), numpy.asarray(base, dtype=float)
    if table.shape != (len(tasks), len(tasks)) or whole.shape != (len(tasks),):
        raise ValueError(
            f"'pruned' is {list(table.shape)} and 'base' is {list(whole.shape)}: give "
            "[tasks, tasks] and [tasks]"
        )
    if numpy.isinf(table).any() or numpy.isinf(whole).any():
        raise ValueError("'pruned' or 'base' has an infinite score")
    return tasks, table, whole


def _check_tasks(tasks: Sequence[Any]) -> None:
    if len(tasks) < 2:
        raise ValueError(f"dissociation needs two tasks or more, not {list(tasks)}")
