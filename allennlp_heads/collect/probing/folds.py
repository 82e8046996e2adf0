"""What heads get right, put together to what chooses and what scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add

import numpy

from allennlp_heads.analysis.probing.choice import Fold
from allennlp_heads.analysis.probing.hits import ItemHits, LabelHits
from allennlp_heads.collect.probing.data import Split
from allennlp_heads.collect.probing.gold import PartGold


class PartHits:
    """
    What heads get right in one part: sums by label, and only where it is scored item by item.

    # Parameters

    gold : `PartGold`
    labels : `int`
        How many there are.
    shape : `Tuple[int, ...]`
        Of one item's hits: `(layers, heads)`, or `(offsets,)`.
    keep : `bool`
        Whether to keep the items.
    control : `bool`, optional (default = `False`)
        Whether the labels are those of the control task.
    """

    def __init__(
        self,
        gold: PartGold,
        labels: int,
        shape: tuple[int, ...],
        keep: bool,
        control: bool = False,
    ) -> None:
        self._label = gold.labels(control)
        self._sentence = gold.sentence
        self.sums = LabelHits(
            numpy.zeros((labels, *shape), dtype=numpy.int64),
            numpy.zeros(labels, dtype=numpy.int64),
        )
        items = len(gold.label) if keep else 0
        self._correct = numpy.zeros((items, *shape), dtype=bool)
        self._seen = numpy.zeros(items, dtype=bool)

    def add(self, items: numpy.ndarray, correct: numpy.ndarray) -> None:
        """Count in `correct` `[items, ...]` of the part's items with these places."""
        hits = ItemHits(correct, self._label[items], self._sentence[items])
        self.sums = self.sums + hits.tally(len(self.sums.count))
        if len(self._seen):
            self._correct[items] = correct
            self._seen[items] = True

    def items(self) -> ItemHits:
        """Those added, in the order of the part."""
        (seen,) = self._seen.nonzero()
        return ItemHits(self._correct[seen], self._label[seen], self._sentence[seen])


def fold_of(
    split: Split, hits: Mapping[int, PartHits] | Sequence[PartHits], fit: numpy.ndarray | None
) -> Fold:
    """
    What a split's parts say together.

    # Parameters

    split : `Split`
    hits : `Mapping[int, PartHits]`
        Of the parts that choose or score.
    fit : `numpy.ndarray`, optional
        `[labels]`, `int`: items in the centroids.

    # Returns

    `Fold`
    """
    choice = reduce(add, (hits[part].sums for part in split.choice))
    return Fold(choice, hits[split.score].items(), fit)


def with_items(folds: Sequence[Fold]) -> list[Fold]:
    """The folds that have something to score."""
    return [fold for fold in folds if len(fold.score)]
