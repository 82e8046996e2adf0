"""
Whether two systems differ on the same test examples: tests and intervals for corpus metrics.

A corpus metric such as F1 is no mean over sentences, so t-tests do not apply. Both methods here
work on the examples' counts instead: *approximate randomisation* exchanges the two systems' outputs
of randomly chosen examples (Noreen 1989, *Computer-Intensive Methods for Testing Hypotheses*; for
F1: Yeh 2000, *More accurate tests for the statistical significance of result differences*), and the
*paired bootstrap* draws test sets of the same size from the examples (Berg-Kirkpatrick, Burkett and
Klein 2012, *An Empirical Investigation of Statistical Significance in NLP*). Dror, Baumer, Shlomov
and Reichart 2018, *The Hitchhiker's Guide to Testing Statistical Significance in NLP*, compares
them.

With several seeds a system's score is the mean of its runs' scores, and an example is exchanged or
drawn with all its runs together. The runs themselves are held fixed: the p-value speaks of other
test examples for these trained models, not of models trained again. For that, look at the spread
over seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy

Metric = Callable[[numpy.ndarray], numpy.ndarray]

_AT_ONCE = 4_000_000  # cells (rounds x examples) held in memory


def accuracy(counts: numpy.ndarray) -> numpy.ndarray:
    """Correct / gold of counts `[..., 3]` (correct, predicted, gold); 0 where there is no gold."""
    return counts[..., 0] / numpy.maximum(counts[..., 2], 1)


def f1(counts: numpy.ndarray) -> numpy.ndarray:
    """
    2 correct / (predicted + gold) of counts `[..., 3]`; 0 where there is neither. The same as
    `accuracy` where every gold unit has one prediction.
    """
    return 2 * counts[..., 0] / numpy.maximum(counts[..., 1] + counts[..., 2], 1)


class Comparison(NamedTuple):
    """
    The second system against the first.

    # Parameters

    difference : `float`
        Score of the second minus that of the first, each the mean over its runs.
    p_value : `float`
        Two-sided, of approximate randomisation.
    lower, upper : `float`
        Interval of the difference by the paired bootstrap.
    exact : `bool`
        Whether every exchange was enumerated, so that the p-value has no error of simulation.
    by_run : `List[float]`
        The difference of each pair of runs.
    """

    difference: float
    p_value: float
    lower: float
    upper: float
    exact: bool
    by_run: list[float]


def compare(
    first: numpy.ndarray,
    second: numpy.ndarray,
    metric: Metric = f1,
    rounds: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """
    Test whether two systems have different scores on the same examples.

    # Parameters

    first, second : `numpy.ndarray`
        Counts `[examples, 3]` (correct, predicted, gold), or `[runs, examples, 3]` of runs with
        several seeds. Row i must be the same example in both.
    metric : `Callable`, optional (default = `f1`)
        From summed counts `[..., 3]` to scores `[...]`.
    rounds : `int`, optional (default = `10000`)
        Of randomisation and of bootstrap. The smallest p-value is `1 / (rounds + 1)`. When the
        examples that differ have no more than `rounds` exchanges, these are all enumerated.
    confidence : `float`, optional (default = `0.95`)
        Of the interval.
    seed : `int`, optional (default = `0`)

    # Returns

    `Comparison`

    Raises `ValueError` when the counts have different shapes, that is other examples or another
    number of runs (a single run against three cannot be exchanged), or a number is out of range.
    """
    first, second = _runs(first), _runs(second)
    if first.shape != second.shape:
        raise ValueError(
            f"the counts are {list(first.shape)} and {list(second.shape)} (runs, examples, 3): "
            "compare the same examples and equally many runs"
        )
    if rounds < 1 or not 0 < confidence < 1:
        raise ValueError("rounds must be at least 1, and confidence between 0 and 1")
    by_run = metric(second.sum(axis=1)) - metric(first.sum(axis=1))
    p_value, exact = _randomisation(first, second, metric, rounds, seed)
    lower, upper = _bootstrap(first, second, metric, rounds, confidence, seed)
    return Comparison(float(by_run.mean()), p_value, lower, upper, exact, by_run.tolist())


def holm(p_values: Sequence[float]) -> list[float]:
    """
    P-values adjusted for how many there are: the share of families with any false alarm stays
    below the level, whatever the dependence between the tests (Holm 1979, *A Simple Sequentially
    Rejective Multiple Test Procedure*).

    # Parameters

    p_values : `Sequence[float]`
        Of one family of tests, in any order.

    # Returns

    `List[float]`
        In the same order, at most 1.
    """
    values = numpy.asarray(p_values, dtype=float)
    order = numpy.argsort(values, kind="stable")
    steps = values[order] * numpy.arange(len(values), 0, -1)
    adjusted = numpy.empty_like(values)
    adjusted[order] = numpy.minimum(numpy.maximum.accumulate(steps), 1.0)
    return adjusted.tolist()


def _runs(counts: numpy.ndarray) -> numpy.ndarray:
    counts = numpy.asarray(counts, dtype=float)
    counts = counts[None] if counts.ndim == 2 else counts
    if counts.ndim != 3 or counts.shape[-1] != 3 or 0 in counts.shape:
        raise ValueError(f"counts are [examples, 3] or [runs, examples, 3], not {counts.shape}")
    return counts


def _randomisation(
    first: numpy.ndarray, second: numpy.ndarray, metric: Metric, rounds: int, seed: int
) -> tuple[float, bool]:
    """The p-value, and whether it is exact. Exchanging equal examples changes nothing."""
    change = second - first
    differ = change.any(axis=(0, 2))
    change = change[:, differ]
    sums = first.sum(axis=1), second.sum(axis=1)
    observed = abs(_mean_difference(*sums, metric))
    exact = change.shape[1] < 63 and 2 ** change.shape[1] <= rounds
    extreme = total = 0
    exchanges = _all_exchanges if exact else _random_exchanges
    for swaps in exchanges(change.shape[1], rounds, seed):
        moved = numpy.einsum("re,sec->rsc", swaps, change, optimize=True)
        differences = numpy.abs(_mean_difference(sums[0] + moved, sums[1] - moved, metric))
        # what is equal on paper may differ in the last digits
        extreme += int((differences >= observed - 1e-12).sum())
        total += len(swaps)
    return (extreme / total if exact else (extreme + 1) / (total + 1)), exact


def _mean_difference(first: numpy.ndarray, second: numpy.ndarray, metric: Metric) -> numpy.ndarray:
    return (metric(second) - metric(first)).mean(axis=-1)


def _all_exchanges(examples: int, rounds: int, seed: int) -> Iterator[numpy.ndarray]:
    numbers = numpy.arange(2**examples)
    yield (numbers[:, None] >> numpy.arange(examples) & 1).astype(float)


def _random_exchanges(examples: int, rounds: int, seed: int) -> Iterator[numpy.ndarray]:
    generator = numpy.random.default_rng([seed, 0])
    for size in _parts(rounds, examples):
        yield (generator.random((size, examples)) < 0.5).astype(float)


def _bootstrap(
    first: numpy.ndarray,
    second: numpy.ndarray,
    metric: Metric,
    rounds: int,
    confidence: float,
    seed: int,
) -> tuple[float, float]:
    """The percentile interval of the difference."""
    generator = numpy.random.default_rng([seed, 1])
    examples = first.shape[1]
    differences = []
    for size in _parts(rounds, examples):
        drawn = generator.integers(0, examples, (size, examples))
        drawn += numpy.arange(size)[:, None] * examples
        times = numpy.bincount(drawn.ravel(), minlength=size * examples).reshape(size, examples)
        one, other = (
            numpy.einsum("re,sec->rsc", times.astype(float), counts, optimize=True)
            for counts in (first, second)
        )
        differences.append(_mean_difference(one, other, metric))
    outside = (1 - confidence) / 2
    lower, upper = numpy.quantile(numpy.concatenate(differences), [outside, 1 - outside])
    return float(lower), float(upper)


def _parts(rounds: int, examples: int) -> Iterator[int]:
    """Sizes of the parts in which `rounds` are done."""
    most = max(1, _AT_ONCE // max(examples, 1))
    for start in range(0, rounds, most):
        yield min(most, rounds - start)
