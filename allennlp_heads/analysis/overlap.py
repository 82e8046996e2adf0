"""
How alike sets of head gates are: correlations of the gates themselves, and the overlap of the sets
of open heads beside what chance would give.

The correlations are those of He and Choi 2021, *The Stem Cell Hypothesis*: Pearson's r between the
mean gates of two tasks, and for the runs of one task the square root of the adjusted R² of the last
run's regression on the others.

The overlap of two sets of open heads is their Jaccard index, intersection / union. Chance is a
permutation test: heads are relabelled at random *within each layer*, so that every random set has
as many open heads in each layer as the true one. That some layers are open for everybody is no
overlap of heads, and such sets do not count as alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy

_AT_ONCE = 4_000_000  # cells (draws x sets x heads) held in memory
_EQUAL = 1e-9  # what is equal on paper may differ in the last digits


class RunToRun(NamedTuple):
    """
    How far the runs of one group agree.

    # Parameters

    adjusted_r : `float`
        √(adjusted R²) of the regression of the last run on the others, 0 where the adjusted R² is
        negative; `nan` with fewer than three runs or a last run whose gates are all equal.
    pearson : `float`
        Mean of Pearson's r over all pairs of runs; pairs in which one is constant do not count.
        `nan` where there is no pair.
    """

    adjusted_r: float
    pearson: float


class OverlapTest(NamedTuple):
    """
    Jaccard indices between groups of runs, all `[groups, groups]` and symmetric; the diagonal is
    between the runs of one group. `nan` stands where there is no pair of runs, or only pairs of
    which neither has an open head.

    # Parameters

    observed : `numpy.ndarray`
        Mean over the pairs of runs, one of each group.
    by_chance : `numpy.ndarray`
        Its mean over the draws.
    p_values : `numpy.ndarray`
        One-sided: how often chance gives at least `observed`, (1 + such draws) / (1 + draws).
    """

    observed: numpy.ndarray
    by_chance: numpy.ndarray
    p_values: numpy.ndarray


def pearson(first: numpy.ndarray, second: numpy.ndarray) -> float:
    """Pearson's r of two arrays of equal shape; `nan` where one of them is constant."""
    one, other = (numpy.asarray(values, dtype=float).ravel() for values in (first, second))
    if one.shape != other.shape:
        raise ValueError(f"arrays of {one.size} and {other.size} values cannot be correlated")
    if one.size == 0 or min(numpy.ptp(one), numpy.ptp(other)) < _EQUAL:
        return float("nan")
    one, other = one - one.mean(), other - other.mean()
    r = one @ other / numpy.sqrt((one @ one) * (other @ other))
    return float(numpy.clip(r, -1, 1))


def correlations(grids: numpy.ndarray) -> numpy.ndarray:
    """
    Pearson's r between all pairs of rows.

    # Parameters

    grids : `numpy.ndarray`
        `[groups, heads]`: each group's mean gates, of existing heads only.

    # Returns

    `numpy.ndarray`
        `[groups, groups]`; `nan` on the diagonal and where a row is constant.
    """
    size = len(grids)
    table = numpy.full((size, size), numpy.nan)
    for row in range(size):
        for column in range(row):
            table[row, column] = table[column, row] = pearson(grids[row], grids[column])
    return table


def run_to_run(grids: numpy.ndarray) -> RunToRun:
    """
    How far runs of one group agree; `adjusted_r` depends on which run is the last.

    # Parameters

    grids : `numpy.ndarray`
        `[runs, heads]`, of existing heads only.
    """
    table = correlations(grids)
    values = table[numpy.tril_indices(len(grids), -1)]
    values = values[~numpy.isnan(values)]
    mean = float(values.mean()) if values.size else float("nan")
    adjusted = adjusted_r2(grids[-1], grids[:-1]) if len(grids) > 2 else float("nan")
    return RunToRun(float(numpy.sqrt(numpy.maximum(adjusted, 0))), mean)


def adjusted_r2(target: numpy.ndarray, others: numpy.ndarray) -> float:
    """
    1 - (1 - R²) (n - 1) / (n - p - 1) of the least-squares regression, with intercept, of `target`
    `[n]` on `others` `[p, n]`; regressors that follow from the rest do not count in p. `nan` where
    `target` is constant or n is too small.
    """
    target, others = numpy.asarray(target, dtype=float), numpy.asarray(others, dtype=float)
    design = numpy.column_stack([numpy.ones(len(target)), *others])
    solution, _, rank, _ = numpy.linalg.lstsq(design, target, rcond=None)
    free = len(target) - int(rank)
    if free < 1 or numpy.ptp(target) < _EQUAL:
        return float("nan")
    residual = ((target - design @ solution) ** 2).sum()
    total = ((target - target.mean()) ** 2).sum()
    return float(1 - (residual / total) * (len(target) - 1) / free)


def overlap_test(
    masks: numpy.ndarray,
    groups: numpy.ndarray,
    exists: numpy.ndarray,
    draws: int = 10_000,
    seed: int = 0,
) -> OverlapTest:
    """
    Test whether runs open the same heads more often than their numbers of open heads in each layer
    explain.

    Between two groups all runs of a group are relabelled together: that runs of one task resemble
    each other must not count as likeness of two tasks. Within a group each run is relabelled alone.

    # Parameters

    masks : `numpy.ndarray`
        `[runs, layers, heads]`, `bool`: open heads.
    groups : `numpy.ndarray`
        `[runs]`, the group of each run, from 0 without gaps.
    exists : `numpy.ndarray`
        `[layers, heads]`, `bool`: which cells stand for a head.
    draws : `int`, optional (default = `10000`)
    seed : `int`, optional (default = `0`)

    # Returns

    `OverlapTest`
    """
    groups = numpy.asarray(groups)
    member = (groups == numpy.arange(groups.max() + 1)[:, None]).astype(float)
    masks = numpy.asarray(masks, dtype=bool) & exists
    observed = _jaccard(masks.reshape(1, len(masks), -1), member)[0]
    by_chance, p_values = numpy.full_like(observed, numpy.nan), numpy.full_like(observed, numpy.nan)
    within = numpy.eye(len(member), dtype=bool)
    relabelled = ((groups, ~within), (numpy.arange(len(groups)), within))
    for purpose, (together, wanted) in enumerate(relabelled):
        wanted = wanted & ~numpy.isnan(observed)
        if not wanted.any():
            continue
        total, extreme = numpy.zeros_like(observed), numpy.zeros_like(observed)
        for part in shuffled(masks, exists, together, draws, [seed, purpose]):
            values = _jaccard(part.reshape(len(part), len(masks), -1), member)
            total += values.sum(axis=0)
            extreme += (values >= observed - _EQUAL).sum(axis=0)
        by_chance[wanted] = total[wanted] / draws
        p_values[wanted] = (1 + extreme[wanted]) / (1 + draws)
    return OverlapTest(observed, by_chance, p_values)


def shuffled(
    masks: numpy.ndarray,
    exists: numpy.ndarray,
    together: numpy.ndarray,
    draws: int,
    seed: int | list[int],
) -> Iterator[numpy.ndarray]:
    """
    Random relabellings of the heads within each layer.

    # Parameters

    masks : `numpy.ndarray`
        `[sets, layers, heads]`, `bool`.
    exists : `numpy.ndarray`
        `[layers, heads]`, `bool`.
    together : `numpy.ndarray`
        `[sets]`: sets of the same number, from 0 without gaps, are relabelled alike.
    draws : `int`
    seed : `Union[int, List[int]]`

    # Returns

    `Iterator[numpy.ndarray]`
        Parts `[some draws, sets, layers, heads]`. In each layer the existing heads come first.
    """
    if draws < 1:
        raise ValueError(f"at least one draw is needed, not {draws}")
    generator = numpy.random.default_rng(seed)
    kinds = int(together.max()) + 1
    most = max(1, _AT_ONCE // max(masks.size, 1))
    for start in range(0, draws, most):
        size = min(most, draws - start)
        keys = generator.random((size, kinds, *exists.shape), dtype=numpy.float32)
        keys[:, :, ~exists] = 2
        order = keys.argsort(axis=-1)
        yield numpy.take_along_axis(masks[None], order[:, together], axis=-1)


def _jaccard(masks: numpy.ndarray, member: numpy.ndarray) -> numpy.ndarray:
    """`[draws, groups, groups]` of masks `[draws, runs, cells]` and `member` `[groups, runs]`."""
    cells = masks.astype(numpy.float32)
    shared = (cells @ cells.swapaxes(1, 2)).astype(float)
    sizes = numpy.diagonal(shared, axis1=1, axis2=2)
    union = sizes[:, :, None] + sizes[:, None, :] - shared
    # relabelling leaves the sizes alone, so that one draw tells which pairs count
    counts = (union[0] > 0) & ~numpy.eye(masks.shape[1], dtype=bool)
    values = numpy.where(counts, shared / numpy.maximum(union, 1), 0)
    pairs = member @ counts @ member.T
    with numpy.errstate(invalid="ignore"):
        mean: numpy.ndarray = (member @ values @ member.T) / pairs
    return mean
