"""One measure of one method, over all targets."""

from __future__ import annotations

from typing import NamedTuple

import numpy

_EQUAL = 1e-9
"""Means that differ by less differ by rounding."""

_MIDDLE = (0.025, 0.975)


class MeasureScore(NamedTuple):
    """
    # Parameters

    mean : `float`
        Over targets.
    lower, upper : `float`
        95 % interval of the mean by the bootstrap over targets; `nan` of a single target.
    chance : `float`
        What a random order reaches in the mean: exact, and the same for all methods.
    chance_lower, chance_upper : `float`
        Between these lie the middle 95 % of the means that this method's scores reach when the
        names of tasks are exchanged (see `renamings`): what is chance for it. Of a method that
        orders sources alike for all targets they are wide, of the one that has all equal both are
        `chance`.
    p_value : `float`
        One-sided: the share of these renamings, the true names among them, under which the mean is
        at least as good. Not corrected for looking at several methods.
    targets : `numpy.ndarray`
        `[targets]`: each target's value; `nan` for those left out, and where the measure is not
        defined (see there). These count nowhere.
    """

    mean: float
    lower: float
    upper: float
    chance: float
    chance_lower: float
    chance_upper: float
    p_value: float
    targets: numpy.ndarray


def over_targets(
    values: numpy.ndarray, chance: float, higher_is_better: bool, draws: int, seed: int
) -> MeasureScore:
    """
    # Parameters

    values : `numpy.ndarray`
        `[renamings, targets]`, the true names first; `nan` where the measure is not defined, which
        names do not change.
    chance : `float`
        The measure's level for random orders of the same targets.
    higher_is_better : `bool`
    draws : `int`
        Of the bootstrap.
    seed : `int`
        Of the bootstrap. Methods with the same seed see the same draws.

    # Returns

    `MeasureScore`
    """
    defined = values[:, ~numpy.isnan(values[0])]
    if not defined.size:
        nan = numpy.nan
        return MeasureScore(nan, nan, nan, nan, nan, nan, nan, values[0])
    means = defined.mean(axis=1)
    better = means - means[0] if higher_is_better else means[0] - means
    chance_lower, chance_upper = numpy.quantile(means, _MIDDLE)
    lower, upper = _interval(defined[0], draws, seed)
    return MeasureScore(
        float(means[0]),
        lower,
        upper,
        chance,
        float(chance_lower),
        float(chance_upper),
        float((better >= -_EQUAL).mean()),
        values[0],
    )


def _interval(values: numpy.ndarray, draws: int, seed: int) -> tuple[float, float]:
    if values.size < 2:
        return numpy.nan, numpy.nan
    drawn = numpy.random.default_rng(seed).integers(0, values.size, (draws, values.size))
    lower, upper = numpy.quantile(values[drawn].mean(axis=1), _MIDDLE)
    return float(lower), float(upper)
