"""What rankings reach that know no more of the tasks than how many there are."""

from __future__ import annotations

import itertools
import math

import numpy

MOST = 2_000
"""Renamings at most, however many draws are asked for: each is as dear as an evaluation."""


def renamings(allowed: numpy.ndarray, draws: int, seed: int) -> numpy.ndarray:
    """
    Ways to exchange the names of tasks in the scores of a method, rows and columns alike. A method
    that knows nothing of the tasks is as good under any names, and so its own result is one of
    these, drawn at random: the permutation test of Mantel 1967, *The detection of disease
    clustering and a generalized regression approach*, known as quadratic assignment (QAP) from
    Krackhardt 1988, *Predicting with networks*.

    A random order for each target by itself is no such comparison: scores put sources into similar
    orders for all targets, and some sources are good for all, so that the mean over targets of a
    method that knows nothing varies more than that of independent orders.

    Names are exchanged between tasks only that may choose from each other, and from the others, in
    the same way: all of them, or those of a class where sources are of the target's class.

    # Parameters

    allowed : `numpy.ndarray`
        `[tasks, tasks]`, `bool`, as `allowed_sources` gives it.
    draws : `int`
        All renamings where these are no more, else so many, drawn at random.
    seed : `int`

    # Returns

    `numpy.ndarray`
        `[renamings, tasks]`: the task whose scores each is given. The first changes nothing.

    Raises `ValueError` where sources and targets are not the same tasks.
    """
    allowed = numpy.asarray(allowed, dtype=bool)
    if allowed.ndim != 2 or allowed.shape[0] != allowed.shape[1]:
        raise ValueError(f"sources and targets must be the same tasks, not {list(allowed.shape)}")
    groups = _exchangeable(allowed)
    if math.prod(math.factorial(len(group)) for group in groups) <= draws:
        orders = itertools.product(*(itertools.permutations(group) for group in groups))
        found = numpy.array([list(itertools.chain(*order)) for order in orders])
        return found[:, numpy.argsort(list(itertools.chain(*groups)))]
    found = numpy.tile(numpy.arange(len(allowed)), (draws, 1))
    generator = numpy.random.default_rng([seed, len(allowed)])
    for group in groups:
        found[1:, group] = generator.permuted(found[1:, group], axis=1)
    return found


def _exchangeable(allowed: numpy.ndarray) -> list[list[int]]:
    """Tasks whose exchange leaves all as it is; of three, if two pairs may, the third may too."""
    groups: list[list[int]] = []
    for task in range(len(allowed)):
        group = next((one for one in groups if _may_change(allowed, task, one[0])), None)
        if group is None:
            groups.append([task])
        else:
            group.append(task)
    return groups


def _may_change(allowed: numpy.ndarray, one: int, other: int) -> bool:
    order = numpy.arange(len(allowed))
    order[[one, other]] = other, one
    return numpy.array_equal(allowed[numpy.ix_(order, order)], allowed)
