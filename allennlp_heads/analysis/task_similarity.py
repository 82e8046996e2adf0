"""Whether tasks that are alike are also less dissociated: two matrices over the same tasks."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy
from scipy.stats import rankdata


class Association(NamedTuple):
    """
    How two numbers of each pair of tasks go together.

    # Parameters

    r : `float`
        The correlation over pairs; `nan` where one side has the same number for all of them.
    p_value : `float`
        Two-sided, of permuting the tasks.
    """

    r: float
    p_value: float


class SimilarityTest(NamedTuple):
    """
    # Parameters

    pearson, spearman : `Association`
    pairs : `int`
        How many pairs of tasks there are.
    permutations : `int`
        How many the p-values come from.
    exact : `bool`
        Whether these were all there are, so that the p-values have no error of simulation.
    """

    pearson: Association
    spearman: Association
    pairs: int
    permutations: int
    exact: bool


def similarity_test(
    first: numpy.ndarray, second: numpy.ndarray, rounds: int = 10_000, seed: int = 0
) -> SimilarityTest:
    """
    Correlate two symmetric matrices over tasks, as the dissociation D of pairs of tasks with a
    similarity of the tasks (Li et al. 2023, section 4). Pairs that share a task are not
    independent, so the p-value does not come from the pairs: the tasks of one matrix are permuted,
    rows and columns together (Mantel 1967, *The Detection of Disease Clustering and a Generalized
    Regression Approach*).

    # Parameters

    first, second : `numpy.ndarray`
        `[tasks, tasks]`, symmetric, the tasks in the same order. Diagonals are not looked at.
    rounds : `int`, optional (default = `10000`)
        Random permutations. When the tasks have no more permutations than this, all of them are
        enumerated; else the smallest p-value is `1 / (rounds + 1)`.
    seed : `int`, optional (default = `0`)

    # Returns

    `SimilarityTest`

    Raises `ValueError` for other shapes, fewer than three tasks, a number that is missing (`nan`)
    or infinite, and a matrix that is not symmetric.
    """
    first, second = _checked(first), _checked(second)
    if first.shape != second.shape:
        raise ValueError(f"the matrices are of {len(first)} and {len(second)} tasks")
    if rounds < 1:
        raise ValueError("rounds must be at least 1")
    tasks = len(first)
    exact = math.factorial(tasks) <= rounds
    orders = _all_orders(tasks) if exact else _random_orders(tasks, rounds, seed)
    pairs = numpy.triu_indices(tasks, 1)
    pearson = _associate(first[pairs], second, orders, exact)
    ranks = numpy.zeros_like(second)
    ranks[pairs] = rankdata(second[pairs])
    spearman = _associate(rankdata(first[pairs]), ranks + ranks.T, orders, exact)
    return SimilarityTest(pearson, spearman, len(pairs[0]), len(orders), exact)


def _checked(matrix: numpy.ndarray) -> numpy.ndarray:
    matrix = numpy.array(matrix, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 3:
        raise ValueError(
            f"a matrix [tasks, tasks] of three tasks or more is needed, not {list(matrix.shape)}: "
            "two tasks make a single pair, which correlates with nothing"
        )
    numpy.fill_diagonal(matrix, 0.0)
    if not numpy.isfinite(matrix).all():
        raise ValueError("every pair of tasks needs a number")
    if not numpy.allclose(matrix, matrix.T, rtol=1e-9, atol=1e-12):
        raise ValueError("the matrix must be symmetric: a pair of tasks has one number")
    return matrix


def _associate(
    fixed: numpy.ndarray, matrix: numpy.ndarray, orders: numpy.ndarray, exact: bool
) -> Association:
    """`fixed` `[pairs]` against the pairs of `matrix` `[tasks, tasks]` in each of `orders`."""
    rows, columns = numpy.triu_indices(len(matrix), 1)
    moved = matrix[orders[:, rows], orders[:, columns]]
    observed, fixed = matrix[rows, columns], fixed - fixed.mean()
    scale = numpy.linalg.norm(fixed) * numpy.linalg.norm(observed - observed.mean())
    if numpy.ptp(fixed) == 0 or numpy.ptp(observed) == 0:
        return Association(math.nan, math.nan)
    r = float(numpy.clip(observed @ fixed / scale, -1.0, 1.0))
    # what is equal on paper may differ in the last digits
    extreme = int((numpy.abs(moved @ fixed / scale) >= abs(r) - 1e-12).sum())
    total = len(orders)
    return Association(r, extreme / total if exact else (extreme + 1) / (total + 1))


def _all_orders(tasks: int) -> numpy.ndarray:
    return numpy.array(list(itertools.permutations(range(tasks))))


def _random_orders(tasks: int, rounds: int, seed: int) -> numpy.ndarray:
    generator = numpy.random.default_rng(seed)
    return generator.permuted(numpy.tile(numpy.arange(tasks), (rounds, 1)), axis=1)


def pair_matrix(
    tasks: Sequence[str], pairs: dict[tuple[str, str], float]
) -> tuple[numpy.ndarray, list[tuple[str, str]]]:
    """
    Numbers of pairs as a symmetric matrix, and the pairs that have none.

    # Parameters

    tasks : `Sequence[str]`
        In the order of the matrix.
    pairs : `Dict[Tuple[str, str], float]`
        Either order of a pair will do; where both are there, their mean counts.

    # Returns

    `Tuple[numpy.ndarray, List[Tuple[str, str]]]`
        `[tasks, tasks]`, `nan` on the diagonal and where nothing is known, and these pairs.
    """
    matrix = numpy.full((len(tasks), len(tasks)), numpy.nan)
    missing = []
    for (row, one), (column, other) in itertools.combinations(enumerate(tasks), 2):
        found = [pairs[pair] for pair in ((one, other), (other, one)) if pair in pairs]
        if found:
            matrix[row, column] = matrix[column, row] = sum(found) / len(found)
        else:
            missing.append((one, other))
    return matrix, missing
