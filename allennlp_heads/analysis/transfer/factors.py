"""What goes with the gain of transfer: a regression over the cells of the matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy

from allennlp_heads.analysis.resampling import sums_of_drawn

_EQUAL = 1e-9
_MIDDLE = (0.025, 0.975)


class Factor(NamedTuple):
    """
    # Parameters

    coefficient : `float`
        Change of the gain with one unit of the feature, the others held fixed.
    lower, upper : `float`
        95 % interval by the bootstrap over targets; `nan` with fewer than two targets.
    deviation : `float`
        Standard deviation of the feature over the cells: times the coefficient it is the change
        with a usual difference, which compares across features.
    """

    coefficient: float
    lower: float
    upper: float
    deviation: float


class Factors(NamedTuple):
    """
    # Parameters

    factors : `Dict[str, Factor]`
        By feature.
    intercept : `float`
        `nan` within targets, where each target has its own.
    r2 : `float`
        Share of the variance of the gain explained; within targets, of the variance there. `nan`
        where all gains are equal.
    cells, targets : `int`
        How many the regression is made of.
    missing : `int`
        Allowed cells left out since the gain or a feature is not known.
    constant : `List[str]`
        Features left out since they are the same in all cells (or in all cells of each target).
    singular : `int`
        Bootstrap draws left out since a feature was constant in them.
    """

    factors: dict[str, Factor]
    intercept: float
    r2: float
    cells: int
    targets: int
    missing: int
    constant: list[str]
    singular: int


def explain_gains(
    gains: numpy.ndarray,
    features: Mapping[str, numpy.ndarray],
    allowed: numpy.ndarray,
    within_targets: bool = False,
    draws: int = 10_000,
    seed: int = 0,
) -> Factors:
    """
    Least squares of the gain on features of the pair of tasks. Cells of one target are not
    independent of each other, so the bootstrap draws whole targets (Cameron, Gelbach and Miller
    2008, *Bootstrap-Based Improvements for Inference with Clustered Errors*). With few targets,
    about ten, such intervals are somewhat too narrow.

    # Parameters

    gains : `numpy.ndarray`
        `[sources, targets]`: relative gains (or points), `nan` where not measured.
    features : `Mapping[str, numpy.ndarray]`
        Name -> `[sources, targets]`, or `[sources]` for a feature of the source alone; such as the
        logarithm of the source's size, the similarity, and whether the classes are the same.
    allowed : `numpy.ndarray`
        `[sources, targets]`, `bool`.
    within_targets : `bool`, optional (default = `False`)
        Take each target's means off gain and features, that is give each target an intercept of its
        own: what goes with a better source *for the same target*, which is what a ranking needs.
        Otherwise targets that are easy to improve have their say in the coefficients as well.
    draws : `int`, optional (default = `10000`)
    seed : `int`, optional (default = `0`)

    # Returns

    `Factors`

    Raises `ValueError` for other shapes, too few cells for the features, and features of which one
    follows from the others.
    """
    y, x, targets, missing = _cells(gains, features, allowed)
    largest = numpy.abs(x).max(axis=0)
    if within_targets:
        y, x = _centred(y, targets), _centred(x, targets)
    varies = x.std(axis=0) > _EQUAL * largest
    names = [name for name, kept in zip(features, varies) if kept]
    mean, deviation = x[:, varies].mean(axis=0), x[:, varies].std(axis=0)
    # within targets all is centred, and the column of ones has nothing to explain
    design = numpy.column_stack([numpy.ones(len(y)), (x[:, varies] - mean) / deviation])
    solution = _solved(design, y, names, int(targets.max()) if within_targets else 0)
    drawn, singular = _bootstrap(design, y, targets, draws, seed)
    slopes = numpy.concatenate([solution[None, 1:], _interval(drawn)[:, 1:]]) / deviation
    intercept = solution[0] - slopes[0] @ mean
    unexplained = ((y - design @ solution) ** 2).mean()
    return Factors(
        {name: Factor(*map(float, found)) for name, *found in zip(names, *slopes, deviation)},
        numpy.nan if within_targets else float(intercept),
        float(1 - unexplained / y.var()) if numpy.ptp(y) > _EQUAL else numpy.nan,
        len(y),
        int(targets.max()) + 1,
        missing,
        [name for name, kept in zip(features, varies) if not kept],
        singular,
    )


def _cells(
    gains: numpy.ndarray, features: Mapping[str, numpy.ndarray], allowed: numpy.ndarray
) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray, int]:
    """Gains `[cells]`, features `[cells, features]`, the number of each cell's target; missing."""
    gains, allowed = numpy.asarray(gains, dtype=float), numpy.asarray(allowed, dtype=bool)
    tables = []
    for name, values in features.items():
        values = numpy.asarray(values, dtype=float)
        if values.shape not in (gains.shape, gains.shape[:1]):
            raise ValueError(
                f"feature '{name}' is {list(values.shape)}, the gains are {list(gains.shape)} "
                "(sources, targets)"
            )
        column = values[:, None] if values.ndim == 1 else values
        tables.append(numpy.broadcast_to(column, gains.shape))
    if not tables or allowed.shape != gains.shape:
        raise ValueError(
            "at least one feature is needed, and allowed of the gains' shape [sources, targets]"
        )
    together = numpy.stack([gains, *tables], axis=-1)
    known = allowed & numpy.isfinite(together).all(axis=-1)
    if not known.any():
        raise ValueError("there is no allowed cell of which the gain and all features are known")
    _, targets = numpy.unique(numpy.nonzero(known)[1], return_inverse=True)
    cells = together[known]
    return cells[:, 0], cells[:, 1:], targets, int((allowed & ~known).sum())


def _centred(values: numpy.ndarray, groups: numpy.ndarray) -> numpy.ndarray:
    """`[cells, ...]` less the mean of its group."""
    member = (groups == numpy.arange(groups.max() + 1)[:, None]).astype(float)
    means = (member @ values).T / member.sum(axis=1)
    centred: numpy.ndarray = values - means.T[groups]
    return centred


def _solved(
    design: numpy.ndarray, y: numpy.ndarray, names: Sequence[str], taken: int
) -> numpy.ndarray:
    """Least squares; `taken` are the degrees of freedom that the means of targets took."""
    if not names or len(y) <= design.shape[1] + taken:
        raise ValueError(
            f"{len(y)} cells are too few for the features that vary in them ({', '.join(names)})"
        )
    solution, _, rank, _ = numpy.linalg.lstsq(design, y, rcond=None)
    if rank < design.shape[1]:
        raise ValueError(f"one of the features follows from the others: {', '.join(names)}")
    return solution


def _bootstrap(
    design: numpy.ndarray, y: numpy.ndarray, targets: numpy.ndarray, draws: int, seed: int
) -> tuple[numpy.ndarray, int]:
    """Solutions `[draws, columns]` of drawn targets, and how many draws have none."""
    number, columns = int(targets.max()) + 1, design.shape[1]
    if number < 2:
        return numpy.empty((0, columns)), 0
    rows = numpy.column_stack([design, y])
    products = numpy.zeros((number, columns + 1, columns + 1))
    numpy.add.at(products, targets, rows[:, :, None] * rows[:, None, :])
    drawn = numpy.random.default_rng(seed).integers(0, number, (draws, number))
    sums = sums_of_drawn(products.reshape(number, -1), drawn)
    sums = sums.reshape(draws, columns + 1, columns + 1)
    left, right = sums[:, :columns, :columns], sums[:, :columns, columns:]
    sizes = numpy.linalg.eigvalsh(left)
    regular = sizes[:, 0] > _EQUAL * sizes[:, -1]
    return numpy.linalg.solve(left[regular], right[regular])[..., 0], int((~regular).sum())


def _interval(drawn: numpy.ndarray) -> numpy.ndarray:
    """Lower and upper ends `[2, columns]`."""
    if not len(drawn):
        return numpy.full((2, drawn.shape[1]), numpy.nan)
    ends: numpy.ndarray = numpy.quantile(drawn, _MIDDLE, axis=0)
    return ends
