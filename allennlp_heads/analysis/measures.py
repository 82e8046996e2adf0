"""
The measures that the tasks' counts belong to: from what is kept of each example to a score.

Some can be had from the sums over the examples, such as F1 and Matthews' correlation (Matthews
1975, *Comparison of the predicted and observed secondary structure of T4 phage lysozyme*). For a
correlation of predictions with gold values (Pearson, Spearman) every example is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy
from scipy.stats import rankdata

COUNTED = ("correct", "predicted", "gold")
DECIDED = ("true_positives", "predicted_positives", "gold_positives", "decisions")
ESTIMATED = ("prediction", "gold")
ANSWERED = ("token_f1", "exact_match", "questions")
OF_GOLD = frozenset({"gold", "gold_positives", "decisions", "questions"})
"""Columns that say the same of an example whatever was predicted."""


@dataclass(frozen=True)
class Measure:
    """
    A score of a task, and what has to be known of each example for it.

    # Parameters

    name : `str`
        The metric's name, as heads have it.
    columns : `Tuple[str, ...]`
        What the K columns of `example_counts` are.
    formula : `Callable`
        From sums `[..., K]` to scores `[...]` if `additive`, else from `[..., examples, K]`.
    additive : `bool`, optional (default = `True`)
        Whether the sums over the examples are enough.
    """

    name: str
    columns: tuple[str, ...]
    formula: Callable[[numpy.ndarray], numpy.ndarray]
    additive: bool = True

    @property
    def gold_columns(self) -> list[int]:
        """The places of the columns that depend on the gold alone."""
        return [place for place, name in enumerate(self.columns) if name in OF_GOLD]

    def of_sums(self, counts: numpy.ndarray) -> numpy.ndarray:
        """
        Scores `[...]` of summed counts `[..., K]`.

        Raises `ValueError` where the sums are not enough.
        """
        if not self.additive:
            raise ValueError(f"'{self.name}' needs every example: use of_examples")
        return self.formula(numpy.asarray(counts))

    def of_examples(self, counts: numpy.ndarray) -> numpy.ndarray:
        """Scores `[...]` of the counts `[..., examples, K]` of single examples."""
        counts = numpy.asarray(counts)
        return self.formula(counts.sum(axis=-2) if self.additive else counts)


def accuracy(counts: numpy.ndarray) -> numpy.ndarray:
    """Correct / gold of counts `[..., 3]` (correct, predicted, gold); 0 where there is no gold."""
    return counts[..., 0] / numpy.maximum(counts[..., 2], 1)


def f1(counts: numpy.ndarray) -> numpy.ndarray:
    """
    2 correct / (predicted + gold) of counts `[..., 3]`; 0 where there is neither. The same as
    `accuracy` where every gold unit has one prediction.
    """
    return 2 * counts[..., 0] / numpy.maximum(counts[..., 1] + counts[..., 2], 1)


def mean_token_f1(counts: numpy.ndarray) -> numpy.ndarray:
    """
    The mean F1 of the words of answers, of counts `[..., 3]` (F1, exact match and 1 of each
    question, or their sums); 0 where there is no question.
    """
    return counts[..., 0] / numpy.maximum(counts[..., 2], 1)


def mean_exact_match(counts: numpy.ndarray) -> numpy.ndarray:
    """The share of answers that are all right, of counts `[..., 3]` as in `mean_token_f1`."""
    return counts[..., 1] / numpy.maximum(counts[..., 2], 1)


def matthews(counts: numpy.ndarray) -> numpy.ndarray:
    """
    Matthews' correlation of counts `[..., 4]` (true positives, predicted positives, gold positives,
    decisions); 0 where all predictions or all gold labels are the same.
    """
    both, predicted, gold, total = numpy.moveaxis(numpy.asarray(counts, dtype=float), -1, 0)
    # square roots one by one: the product of four counts is no exact number any more
    spread = numpy.sqrt(predicted * (total - predicted)) * numpy.sqrt(gold * (total - gold))
    return numpy.clip(_divided(both * total - predicted * gold, spread, spread > 0), -1, 1)


def pearson(values: numpy.ndarray) -> numpy.ndarray:
    """
    Pearson's r of predictions and gold values `[..., examples, 2]`; 0 where either is constant.
    """
    values = numpy.asarray(values, dtype=float)
    if not values.shape[-2]:
        return numpy.zeros(values.shape[:-2])
    # a mean's rounding must not make a constant column vary
    varies = (values != values[..., :1, :]).any(axis=-2).all(axis=-1)
    centred = values - values.mean(axis=-2, keepdims=True)
    largest = numpy.abs(centred).max(axis=-2, keepdims=True)
    centred = centred / numpy.where(largest > 0, largest, 1)  # squares of tiny values would vanish
    squares = (centred**2).sum(axis=-2)
    together = centred.prod(axis=-1).sum(axis=-1)
    found = _divided(together, numpy.sqrt(squares).prod(axis=-1), varies)
    return numpy.clip(found, -1, 1)


def spearman(values: numpy.ndarray) -> numpy.ndarray:
    """
    Spearman's rho of predictions and gold values `[..., examples, 2]`: Pearson's r of their ranks,
    equal values sharing the mean of theirs; 0 where either is constant.
    """
    values = numpy.asarray(values, dtype=float)
    return pearson(rankdata(values, axis=-2) if values.size else values)


def _divided(part: numpy.ndarray, whole: numpy.ndarray, where: numpy.ndarray) -> numpy.ndarray:
    """The quotient, 0 where it is not asked for."""
    return numpy.where(where, part / numpy.where(where, whole, 1), 0.0)


F1 = Measure("f1", COUNTED, f1)

MEASURES = {
    measure.name: measure
    for measure in (
        F1,
        Measure("accuracy", COUNTED, accuracy),
        Measure("matthews", DECIDED, matthews),
        Measure("token_f1", ANSWERED, mean_token_f1),
        Measure("exact_match", ANSWERED, mean_exact_match),
        Measure("pearson", ESTIMATED, pearson, additive=False),
        Measure("spearman", ESTIMATED, spearman, additive=False),
    )
}
"""All measures, by name."""


def measure_of(metric_name: str | None) -> Measure:
    """
    # Parameters

    metric_name : `str`, optional
        The name of a head's main metric, such as `"las"` or `"matthews"`.

    # Returns

    `Measure`
        The one of this name; for any other name, and for `None`, F1, which is accuracy where every
        gold unit has one prediction.
    """
    return MEASURES.get(metric_name or "f1", F1)
