"""Bootstrap intervals of accuracies over whole sentences, whose items are not independent."""

from __future__ import annotations

from typing import NamedTuple

import numpy

from allennlp_heads.analysis.resampling import parts, sums_of_drawn

CONFIDENCE = 0.95


class Intervals(NamedTuple):
    """
    Lower and upper ends of intervals.

    # Parameters

    by_label : `numpy.ndarray`
        `[2, labels]`.
    weighted, unweighted : `numpy.ndarray`
        `[2]`: of all items, and of the mean over labels.
    """

    by_label: numpy.ndarray
    weighted: numpy.ndarray
    unweighted: numpy.ndarray


def bootstrap(correct: numpy.ndarray, count: numpy.ndarray, draws: int, seed: int) -> Intervals:
    """
    95% intervals of accuracies. In a sample without any item of a label, the mean is over the other
    labels.

    # Parameters

    correct, count : `numpy.ndarray`
        `[sentences, labels]`: right items and all items (`by_sentence`); right ones may be means
        over runs.
    draws : `int`
        Samples of sentences.
    seed : `int`

    # Returns

    `Intervals`
        See `ratio_intervals` for labels with few sentences.
    """
    part, whole = (numpy.column_stack([sums, sums.sum(axis=1)]) for sums in (correct, count))
    drawn_part, drawn_whole = numpy.split(
        resample(numpy.column_stack([part, whole]), draws, seed), 2, axis=1
    )
    found = ratio_intervals(part, whole, drawn_part, drawn_whole)
    with numpy.errstate(invalid="ignore"):
        unweighted = numpy.nanmean((drawn_part / drawn_whole)[:, :-1], axis=1)
    return Intervals(found[:, :-1], found[:, -1], percentiles(unweighted))


def by_sentence(
    values: numpy.ndarray, label: numpy.ndarray, sentence: numpy.ndarray, labels: int
) -> numpy.ndarray:
    """
    Sums of the items of each sentence and label.

    # Parameters

    values, label, sentence : `numpy.ndarray`
        `[items]`; labels from 0, any sentence numbers.
    labels : `int`

    # Returns

    `numpy.ndarray`
        `[sentences, labels]`, `float64`, the sentences with items in ascending order.
    """
    numbers, rows = numpy.unique(sentence, return_inverse=True)
    cells = rows * labels + label
    sums = numpy.bincount(cells, weights=values, minlength=len(numbers) * labels)
    return sums.reshape(len(numbers), labels)


def resample(counts: numpy.ndarray, draws: int, seed: int) -> numpy.ndarray:
    """Sums `[draws, K]` over as many sentences of `[sentences, K]`, drawn with replacement."""
    generator = numpy.random.default_rng(seed)
    sentences = len(counts)
    sums = [
        sums_of_drawn(counts, generator.integers(0, sentences, (size, sentences)))
        for size in parts(draws, sentences)
    ]
    return numpy.concatenate(sums)


def percentiles(drawn: numpy.ndarray, confidence: float = CONFIDENCE) -> numpy.ndarray:
    """`[2, ...]`: the ends of the middle part of `drawn` `[draws, ...]`, of the defined ones."""
    outside = (1 - confidence) / 2
    return numpy.nanquantile(drawn, [outside, 1 - outside], axis=0)


def ratio_intervals(
    part: numpy.ndarray,
    whole: numpy.ndarray,
    drawn_part: numpy.ndarray,
    drawn_whole: numpy.ndarray,
    confidence: float = CONFIDENCE,
) -> numpy.ndarray:
    """
    Intervals of `part / whole`, each summed over sentences.

    # Parameters

    part, whole : `numpy.ndarray`
        `[sentences, K]`: correct and all items.
    drawn_part, drawn_whole : `numpy.ndarray`
        `[draws, K]`: their sums in samples of sentences. A sample without items says nothing.
    confidence : `float`, optional (default = `0.95`)

    # Returns

    `numpy.ndarray`
        `[2, K]`. Samples of a column whose items are all right, or all wrong, do not differ, but
        that does not make it certain: of `n` sentences the other end is where all of them would be
        so with the chance of one tail (Clopper and Pearson 1934, *The Use of Confidence or Fiducial
        Limits Illustrated in the Case of the Binomial*). A column with one sentence of both kinds
        has 0 to 1, and so has one of which no sample has a sentence.
    """
    sentences = (whole > 0).sum(axis=0)
    ends = numpy.tile([[0.0], [1.0]], len(sentences))
    told = (sentences > 1) & (drawn_whole > 0).any(axis=0)
    with numpy.errstate(invalid="ignore"):
        ends[:, told] = percentiles(drawn_part[:, told] / drawn_whole[:, told], confidence)
    right, total = part.sum(axis=0), whole.sum(axis=0)
    end = ((1 - confidence) / 2) ** (1 / numpy.maximum(sentences, 1))
    all_right, all_wrong = right == total, right == 0
    ends[0] = numpy.where(all_right, end, numpy.where(all_wrong, 0, ends[0]))
    ends[1] = numpy.where(all_wrong, 1 - end, numpy.where(all_right, 1, ends[1]))
    return ends
