"""Accuracies of the scored items in the three ways to speak of all labels at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy

from allennlp_heads.analysis.probing.choice import Chosen, Fold, choose_and_score
from allennlp_heads.analysis.probing.hits import LabelHits


class Means(NamedTuple):
    """
    # Parameters

    by_label : `numpy.ndarray`
        `[labels]`, `nan` where a label has no scored item.
    weighted, unweighted, one_head : `float`
        See `ProbeResult.overall`.
    """

    by_label: numpy.ndarray
    weighted: float
    unweighted: float
    one_head: float


def means_of(chosen: Chosen, labels: int) -> Means:
    """Of the candidates that were chosen, for so many labels."""
    by_label = _by_label(chosen.correct, chosen.label, labels)
    weighted, one_head = float(chosen.correct.mean()), float(chosen.one_correct.mean())
    return Means(by_label, weighted, float(numpy.nanmean(by_label)), one_head)


def of_one_for_all(chosen: Chosen, labels: int) -> Means:
    """Of the one candidate for all labels that was chosen beside those of each label."""
    return means_of(chosen._replace(correct=chosen.one_correct), labels)


def of_encoders(
    encoders: Sequence[Sequence[Fold]], exists: numpy.ndarray, labels: int
) -> Means | None:
    """The mean over encoders of `means_of` the heads chosen in each; `None` without encoders."""
    found = [means_of(choose_and_score(folds, exists), labels) for folds in encoders]
    if not found:
        return None
    weighted, unweighted, one_head = numpy.mean([means[1:] for means in found], axis=0).tolist()
    by_label = numpy.mean([means.by_label for means in found], axis=0)
    return Means(by_label, weighted, unweighted, one_head)


def of_most_frequent_label(folds: Sequence[Fold], labels: int) -> Means:
    """Of saying of each item that it has the label that is most frequent outside the score data."""
    label = numpy.concatenate([fold.score.label for fold in folds])
    said = [numpy.full(len(fold.score), fold.known().argmax()) for fold in folds]
    correct = label == numpy.concatenate(said)
    by_label = _by_label(correct, label, labels)
    weighted = float(correct.mean())
    return Means(by_label, weighted, float(numpy.nanmean(by_label)), weighted)


def accuracy_of_heads(score: LabelHits, exists: numpy.ndarray) -> numpy.ndarray:
    """
    `[labels, layers, heads]`: of every head on the score data; `nan` where there is no head, and
    where a label has no scored item.
    """
    with numpy.errstate(invalid="ignore"):
        return numpy.where(exists, score.correct / score.count[:, None, None], numpy.nan)


def of_random_head(score: LabelHits, exists: numpy.ndarray) -> tuple[Means, Means]:
    """Mean and standard deviation, over the heads there are, of what each gets by itself."""
    by_label = accuracy_of_heads(score, exists)[:, exists]
    weighted = score.correct[:, exists].sum(axis=0) / score.count.sum()
    unweighted = by_label[score.count > 0].mean(axis=0)
    mean, std = (
        Means(
            over(by_label, axis=1),
            float(over(weighted)),
            float(over(unweighted)),
            float(over(weighted)),
        )
        for over in (numpy.mean, numpy.std)
    )
    return mean, std


def _by_label(correct: numpy.ndarray, label: numpy.ndarray, labels: int) -> numpy.ndarray:
    count = numpy.bincount(label, minlength=labels)
    right = numpy.bincount(label, weights=correct, minlength=labels)
    return numpy.divide(right, count, out=numpy.full(labels, numpy.nan), where=count > 0)
