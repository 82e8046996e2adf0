"""Methods of ranking against each other, target by target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy

from allennlp_heads.analysis.paired import paired_test
from allennlp_heads.analysis.significance import holm
from allennlp_heads.analysis.transfer.evaluation import MethodEvaluation
from allennlp_heads.analysis.transfer.measures import ranking_measures


class MethodDifference(NamedTuple):
    """
    A method against the reference.

    # Parameters

    difference : `float`
        Mean over targets of the method's value minus the reference's, whichever way the measure
        points.
    lower, upper : `float`
        95 % interval of the difference by the bootstrap over targets.
    p_value : `float`
        Two-sided, of the exact signed-rank test over targets.
    adjusted : `float`
        The same by Holm's correction for the methods compared in this measure.
    better, worse : `int`
        Targets for which the method is better than the reference, and worse.
    """

    difference: float
    lower: float
    upper: float
    p_value: float
    adjusted: float
    better: int
    worse: int


def compare_methods(
    evaluations: Mapping[str, MethodEvaluation],
    reference: str,
    measures: Sequence[str] = ("ndcg", "best_rank", "regret@1", "regret@3", "spearman"),
    rounds: int = 10_000,
    seed: int = 0,
) -> dict[str, dict[str, MethodDifference]]:
    """
    Compare each method with the reference over the targets that both were evaluated on.

    The tests take targets for independent. They are not quite, since targets share their sources,
    and of few targets no p-value can be small (see `least_p_value`): read them as a description of
    these tasks.

    # Parameters

    evaluations : `Mapping[str, MethodEvaluation]`
        By method, of one call of `evaluate`. Only those in it count for the correction, so give
        the ones that the question is about.
    reference : `str`
        One of them, such as `"task"` or `"random"`.
    measures : `Sequence[str]`, optional
        Of `ranking_measures`.
    rounds : `int`, optional (default = `10000`)
        Of the bootstrap.
    seed : `int`, optional (default = `0`)

    # Returns

    `Dict[str, Dict[str, MethodDifference]]`
        Measure -> method -> difference, all methods but the reference. A measure that is defined
        for no target has an empty entry.

    Raises `ValueError` without the reference, for an unknown measure and for evaluations of
    different targets.
    """
    if reference not in evaluations:
        raise ValueError(f"there is no method '{reference}': the methods are {list(evaluations)}")
    known = ranking_measures()
    unknown = [name for name in measures if name not in known]
    if unknown:
        raise ValueError(f"there is no measure '{unknown[0]}': the measures are {list(known)}")
    others = {name: found for name, found in evaluations.items() if name != reference}
    compared = {}
    for measure in measures:
        base = evaluations[reference].measures[measure].targets
        values = {name: found.measures[measure].targets for name, found in others.items()}
        higher = known[measure].higher_is_better
        compared[measure] = _differences(base, values, higher, rounds, seed)
    return compared


def _differences(
    base: numpy.ndarray,
    others: Mapping[str, numpy.ndarray],
    higher_is_better: bool,
    rounds: int,
    seed: int,
) -> dict[str, MethodDifference]:
    defined = ~numpy.isnan(base)
    for name, values in others.items():
        if values.shape != base.shape or (numpy.isnan(values) == defined).any():
            raise ValueError(f"'{name}' was not evaluated on the targets of the reference")
    if not defined.any():
        return {}
    tests = {
        name: paired_test(base[defined], values[defined], rounds, seed=seed)
        for name, values in others.items()
    }
    adjusted = holm([test.p_value for test in tests.values()])
    found = {}
    for (name, test), corrected in zip(tests.items(), adjusted):
        more, less = test.better, test.worse
        better, worse = (more, less) if higher_is_better else (less, more)
        numbers = test.difference, test.lower, test.upper, test.p_value
        found[name] = MethodDifference(*numbers, corrected, better, worse)
    return found
