"""Hits of heads whose true accuracies are known, and a probe's result by loops over items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy

from allennlp_heads.analysis.probing import Fold, ItemHits


def random_hits(
    seed: int,
    sentences: int = 40,
    labels: int = 4,
    heads: tuple[int, ...] = (2, 3),
    accuracy: float | numpy.ndarray = 0.5,
    first_sentence: int = 0,
) -> ItemHits:
    """One to six items a sentence; heads right with the chance `accuracy` `[labels, *heads]`."""
    generator = numpy.random.default_rng(seed)
    sizes = generator.integers(1, 7, sentences)
    sentence = numpy.repeat(numpy.arange(sentences), sizes) + first_sentence
    # skewed, so that some labels are rare
    label = (labels * generator.random(len(sentence)) ** 2).astype(int)
    chances = numpy.broadcast_to(accuracy, (labels, *heads))[label]
    return ItemHits(generator.random(chances.shape) < chances, label, sentence)


def held_out(seed: int, labels: int = 4, **options: Any) -> Fold:
    """One fold with data of its own for each role."""
    choice = random_hits(2 * seed, labels=labels, **options)
    score = random_hits(2 * seed + 1, labels=labels, **options)
    return Fold(choice.tally(labels), score, numpy.arange(labels))


def cross_fitted(hits: ItemHits, folds: int, labels: int) -> list[Fold]:
    """Each fold scores its sentences by heads chosen on the next."""
    parts = [part(hits, hits.sentence % folds == fold) for fold in range(folds)]
    following = [*parts[1:], parts[0]]
    return [Fold(choice.tally(labels), score) for choice, score in zip(following, parts)]


def part(hits: ItemHits, items: numpy.ndarray) -> ItemHits:
    """Some of the items, by mask or places."""
    return ItemHits(hits.correct[items], hits.label[items], hits.sentence[items])


def by_loops(
    folds: Sequence[Fold], exists: numpy.ndarray, labels: int
) -> tuple[dict[int, list[bool]], dict[int, Counter], list[bool]]:
    """
    By label whether each scored item is right and how often each head scored one, and whether each
    is right by the one head.
    """
    right: dict[int, list[bool]] = {}
    used: dict[int, Counter] = {}
    one: list[bool] = []
    for fold in folds:
        best: dict[int, tuple[int, ...]] = {}
        for label in [*range(labels), None]:
            most = -1
            for cell in numpy.ndindex(*exists.shape):
                hits = fold.choice.correct[(slice(None), *cell)]
                number = int(hits.sum() if label is None else hits[label])
                if exists[cell] and number > most:
                    most, best[-1 if label is None else label] = number, cell
        for correct, label in zip(fold.score.correct, fold.score.label.tolist()):
            head = best[label] if fold.choice.count[label] else best[-1]
            right.setdefault(label, []).append(bool(correct[head]))
            used.setdefault(label, Counter())[head] += 1
            one.append(bool(correct[best[-1]]))
    return right, used, one
