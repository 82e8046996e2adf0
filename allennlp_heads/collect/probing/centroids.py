"""Centroid probes: which label's mean a head's context of an item is nearest to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy

from allennlp_heads.analysis.probing.arcs import words_of_spans
from allennlp_heads.analysis.probing.centroids import Centroids
from allennlp_heads.analysis.probing.choice import Fold
from allennlp_heads.collect.probing.data import Roles
from allennlp_heads.collect.probing.folds import PartHits, fold_of, with_items
from allennlp_heads.collect.probing.gold import Gold
from allennlp_heads.collect.probing.passes import Passes, Watch, WordBatch
from allennlp_heads.collect.word_heads import in_original


class CentroidFolds(NamedTuple):
    """
    # Parameters

    folds : `List[Fold]`
        Of the heads.
    control : `List[Fold]`, optional
        Of the control task, with centroids of its own.
    centroids : `Centroids`
        Of all that any fold fits.
    """

    folds: list[Fold]
    control: list[Fold] | None
    centroids: Centroids


def centroid_folds(
    passes: Passes, gold: Gold, roles: Roles, control: bool, watches: Sequence[Watch] = ()
) -> CentroidFolds:
    """
    Two passes: one over what is fitted, for the centroids, and one over what chooses and scores.
    With cross-fitting the centroids of a fold are those of all data without the folds that choose
    and score.

    # Parameters

    passes : `Passes`
        That record contexts.
    gold : `Gold`
    roles : `Roles`
    control : `bool`
        Whether to probe the control task as well.
    watches : `Sequence[Callable[[int, WordBatch], None]]`, optional (default = `()`)
        Look at each batch of the second pass, with the number of its part.
    """
    labellings = [_Labelling(gold, roles, control=False)]
    if control:
        labellings.append(_Labelling(gold, roles, control=True))
    for part in roles.fitted:
        for batch in passes.batches(part, gold.parts[part], "centroids", attention=False):
            vectors = item_vectors(passes, batch)
            for labelling in labellings:
                labelling.fit(part, batch.items, vectors)
    for part in roles.used:
        for batch in passes.batches(part, gold.parts[part], roles.purpose(part)):
            vectors = item_vectors(passes, batch)
            for labelling in labellings:
                labelling.score(part, batch.items, vectors)
            for watch in watches:
                watch(part, batch)
    return CentroidFolds(
        labellings[0].folds(),
        labellings[1].folds() if control else None,
        labellings[0].all_fitted(),
    )


def item_vectors(passes: Passes, batch: WordBatch) -> numpy.ndarray:
    """
    What each head says of each item of a batch: the mean over its words.

    # Returns

    `numpy.ndarray`
        `[items, layers, original heads, dim]`, `float32`; 0 for heads that are no longer there.
    """
    span, word, starts = words_of_spans(batch.spans)
    sentence, lengths = batch.spans[span, 0], numpy.diff(starts, append=len(span))
    layers = []
    for context in batch.contexts():
        of_words = context[sentence, word]
        if len(of_words) > len(starts):
            of_words = numpy.add.reduceat(of_words, starts) / lengths[:, None, None]
        layers.append(of_words.astype(numpy.float32))
    return in_original(passes.encoder, layers, axis=-2)


class _Labelling:
    """One labelling of the items: its centroids, by part and split, and what they get right."""

    def __init__(self, gold: Gold, roles: Roles, control: bool) -> None:
        self._labels = [part.labels(control) for part in gold.parts]
        self._gold, self._roles, self._control = gold, roles, control
        self._sums: dict[int, Centroids] = {}
        self._centroids: list[Centroids] = []
        self._hits: list[dict[int, PartHits]] = [{} for _ in roles.splits]

    def fit(self, part: int, items: numpy.ndarray, vectors: numpy.ndarray) -> None:
        if part not in self._sums:
            self._sums[part] = Centroids(len(self._gold.labels), *vectors.shape[1:])
        self._sums[part].add(vectors, self._labels[part][items])

    def score(self, part: int, items: numpy.ndarray, vectors: numpy.ndarray) -> None:
        if not self._centroids:
            total = self.all_fitted()
            self._centroids = [self._without(total, split.fit) for split in self._roles.splits]
        gold = self._labels[part][items]
        for number, split in enumerate(self._roles.splits):
            if part == split.score or part in split.choice:
                hits = self._hits[number]
                if part not in hits:
                    hits[part] = self._empty(part, vectors.shape[1:3], part == split.score)
                nearest = self._centroids[number].nearest(vectors)
                hits[part].add(items, nearest == gold[:, None, None])

    def folds(self) -> list[Fold]:
        """Of the splits that have something to score."""
        splits = zip(self._roles.splits, self._hits, self._centroids)
        return with_items([fold_of(split, hits, own.counts) for split, hits, own in splits])

    def all_fitted(self) -> Centroids:
        """The centroids of all parts together."""
        first, *others = self._sums.values()
        total = Centroids(*first.sums.shape)
        for part in (first, *others):
            total.counts += part.counts
            total.sums += part.sums
        return total

    def _without(self, total: Centroids, fit: tuple[int, ...]) -> Centroids:
        left = total
        for part, sums in self._sums.items():
            if part not in fit:
                left = left.without(sums)
        return left

    def _empty(self, part: int, shape: tuple[int, ...], keep: bool) -> PartHits:
        return PartHits(self._gold.parts[part], len(self._gold.labels), shape, keep, self._control)
