"""
Whether two systems differ on the same test examples: tests and intervals for corpus metrics.

A corpus metric such as F1 or a correlation is no mean over examples, so t-tests do not apply. Both
methods here work on what is kept of each example instead: *approximate randomisation* exchanges the
two systems' outputs of randomly chosen examples (Noreen 1989, *Computer-Intensive Methods for
Testing Hypotheses*; for F1: Yeh 2000, *More accurate tests for the statistical significance of
result differences*), and the *paired bootstrap* draws test sets of the same size from the examples
(Berg-Kirkpatrick, Burkett and Klein 2012, *An Empirical Investigation of Statistical Significance
in NLP*). Dror, Baumer, Shlomov and Reichart 2018, *The Hitchhiker's Guide to Testing Statistical
Significance in NLP*, compares them.

With several seeds a system's score is the mean of its runs' scores, and an example is exchanged or
drawn with all its runs together. The runs themselves are held fixed: the p-value speaks of other
test examples for these trained models, not of models trained again. For that, look at the spread
over seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy

from allennlp_heads.analysis.measures import COUNTED, F1, Measure
from allennlp_heads.analysis.resampling import parts, sums_of_drawn

Metric = Callable[[numpy.ndarray], numpy.ndarray]
"""From summed counts `[..., 3]` to scores `[...]`."""


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
    metric: Measure | Metric = F1,
    rounds: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """
    Test whether two systems have different scores on the same examples.

    # Parameters

    first, second : `numpy.ndarray`
        Counts `[examples, K]` in the columns of the metric (for F1 correct, predicted, gold), or
        `[runs, examples, K]` of runs with several seeds. Row i must be the same example in both.
    metric : `Union[Measure, Callable]`, optional (default = `F1`)
        One of `MEASURES`, or a function from summed counts `[..., 3]` to scores `[...]`.
    rounds : `int`, optional (default = `10000`)
        Of randomisation and of bootstrap. The smallest p-value is `1 / (rounds + 1)`. When the
        examples that differ have no more than `rounds` exchanges, these are all enumerated.
    confidence : `float`, optional (default = `0.95`)
        Of the interval.
    seed : `int`, optional (default = `0`)

    # Returns

    `Comparison`

    Raises `ValueError` when the counts have different shapes, that is other examples or another
    number of runs (a single run against three cannot be exchanged), when they are not those of the
    metric, or a number is out of range.
    """
    measure = metric if isinstance(metric, Measure) else Measure("metric", COUNTED, metric)
    first, second = _runs(first, measure), _runs(second, measure)
    if first.shape != second.shape:
        raise ValueError(
            f"the counts are {list(first.shape)} and {list(second.shape)} (runs, examples, "
            f"{len(measure.columns)}): compare the same examples and equally many runs"
        )
    if rounds < 1 or not 0 < confidence < 1:
        raise ValueError("rounds must be at least 1, and confidence between 0 and 1")
    by_run = measure.of_examples(second) - measure.of_examples(first)
    p_value, exact = _randomisation(first, second, measure, rounds, seed)
    lower, upper = _bootstrap(first, second, measure, rounds, confidence, seed)
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


def _runs(counts: numpy.ndarray, measure: Measure) -> numpy.ndarray:
    counts = numpy.asarray(counts, dtype=float)
    counts = counts[None] if counts.ndim == 2 else counts
    columns = len(measure.columns)
    if counts.ndim != 3 or counts.shape[-1] != columns or 0 in counts.shape:
        raise ValueError(
            f"the counts are [examples, {columns}] or [runs, examples, {columns}] "
            f"({', '.join(measure.columns)}), not {counts.shape}"
        )
    return counts


def _randomisation(
    first: numpy.ndarray, second: numpy.ndarray, measure: Measure, rounds: int, seed: int
) -> tuple[float, bool]:
    """The p-value, and whether it is exact. Exchanging equal examples changes nothing."""
    differ = (second != first).any(axis=(0, 2))
    number = int(differ.sum())
    observed = abs((measure.of_examples(second) - measure.of_examples(first)).mean())
    exact = number < 63 and 2**number <= rounds
    extreme = total = 0
    exchanges = _all_exchanges if exact else _random_exchanges
    exchanged = _exchanged_sums if measure.additive else _exchanged_examples
    for swaps in exchanges(number, rounds, seed):
        done = 0
        # sums are few numbers; the other measures need every example of every round
        for size in parts(len(swaps), 1 if measure.additive else first.size):
            part = swaps[done : done + size]
            done += size
            differences = numpy.abs(exchanged(first, second, differ, part, measure))
            # what is equal on paper may differ in the last digits
            extreme += int((differences >= observed - 1e-12).sum())
            total += len(part)
    return (extreme / total if exact else (extreme + 1) / (total + 1)), exact


def _exchanged_sums(
    first: numpy.ndarray,
    second: numpy.ndarray,
    differ: numpy.ndarray,
    swaps: numpy.ndarray,
    measure: Measure,
) -> numpy.ndarray:
    """The difference `[rounds]` once those of `swaps` `[rounds, differing]` are exchanged."""
    change = (second - first)[:, differ]
    moved = numpy.einsum("re,sec->rsc", swaps, change, optimize=True)
    sums = first.sum(axis=1), second.sum(axis=1)
    scores = measure.of_sums(sums[1] - moved) - measure.of_sums(sums[0] + moved)
    return scores.mean(axis=-1)


def _exchanged_examples(
    first: numpy.ndarray,
    second: numpy.ndarray,
    differ: numpy.ndarray,
    swaps: numpy.ndarray,
    measure: Measure,
) -> numpy.ndarray:
    """As `_exchanged_sums`, for measures that need every example."""
    swapped = numpy.zeros((len(swaps), 1, first.shape[1], 1), dtype=bool)
    swapped[:, 0, differ, 0] = swaps > 0
    one, other = numpy.where(swapped, second, first), numpy.where(swapped, first, second)
    return (measure.of_examples(other) - measure.of_examples(one)).mean(axis=-1)


def _all_exchanges(examples: int, rounds: int, seed: int) -> Iterator[numpy.ndarray]:
    numbers = numpy.arange(2**examples)
    yield (numbers[:, None] >> numpy.arange(examples) & 1).astype(float)


def _random_exchanges(examples: int, rounds: int, seed: int) -> Iterator[numpy.ndarray]:
    generator = numpy.random.default_rng([seed, 0])
    for size in parts(rounds, examples):
        yield (generator.random((size, examples)) < 0.5).astype(float)


def _bootstrap(
    first: numpy.ndarray,
    second: numpy.ndarray,
    measure: Measure,
    rounds: int,
    confidence: float,
    seed: int,
) -> tuple[float, float]:
    """The percentile interval of the difference."""
    generator = numpy.random.default_rng([seed, 1])
    examples = first.shape[1]
    drawn_scores = _scores_of_sums if measure.additive else _scores_of_examples
    differences = []
    # the sums of a round are few numbers; the other measures need its examples in all runs
    at_once = examples if measure.additive else examples * first.shape[0] * first.shape[2]
    for size in parts(rounds, at_once):
        drawn = generator.integers(0, examples, (size, examples))
        one, other = (drawn_scores(counts, drawn, measure) for counts in (first, second))
        differences.append((other - one).mean(axis=-1))
    outside = (1 - confidence) / 2
    lower, upper = numpy.quantile(numpy.concatenate(differences), [outside, 1 - outside])
    return float(lower), float(upper)


def _scores_of_sums(counts: numpy.ndarray, drawn: numpy.ndarray, measure: Measure) -> numpy.ndarray:
    """Scores `[rounds, runs]` of the examples `drawn` `[rounds, examples]`."""
    return measure.of_sums(sums_of_drawn(counts, drawn))


def _scores_of_examples(
    counts: numpy.ndarray, drawn: numpy.ndarray, measure: Measure
) -> numpy.ndarray:
    """As `_scores_of_sums`, for measures that need every example."""
    return measure.of_examples(counts[:, drawn].swapaxes(0, 1))
