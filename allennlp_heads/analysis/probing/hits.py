"""What each head gets right: item by item, and summed by label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy


@dataclass(frozen=True, eq=False)
class LabelHits:
    """
    How often each head is right, by label: all that is needed to choose by. Sums add up, so the
    items of a role need not be kept.

    # Parameters

    correct : `numpy.ndarray`
        `[labels, layers, heads]`, `int`: items that the head gets right (or, as a baseline, the
        fixed offset: `[labels, offsets]`).
    count : `numpy.ndarray`
        `[labels]`, `int`: items.
    """

    correct: numpy.ndarray
    count: numpy.ndarray

    def __post_init__(self) -> None:
        if self.correct.ndim < 2 or self.count.shape != self.correct.shape[:1]:
            raise ValueError(
                f"hits are [labels, layers, heads] and counts [labels], not "
                f"{list(self.correct.shape)} and {list(self.count.shape)}"
            )

    def __add__(self, other: LabelHits) -> LabelHits:
        return LabelHits(self.correct + other.correct, self.count + other.count)

    def __sub__(self, other: LabelHits) -> LabelHits:
        return LabelHits(self.correct - other.correct, self.count - other.count)


@dataclass(frozen=True, eq=False)
class ItemHits:
    """
    Which heads get each item right.

    # Parameters

    correct : `numpy.ndarray`
        `[items, layers, heads]`, `bool`; of fixed offsets `[items, offsets]`.
    label : `numpy.ndarray`
        `[items]`, `int`: place in the list of labels, which is one for all roles.
    sentence : `numpy.ndarray`
        `[items]`, `int`: number of the sentence among those of its file, so that the folds of a
        file have different ones.
    """

    correct: numpy.ndarray
    label: numpy.ndarray
    sentence: numpy.ndarray

    def __post_init__(self) -> None:
        shapes = {self.correct.shape[:1], self.label.shape, self.sentence.shape}
        if self.correct.ndim < 2 or len(shapes) > 1:
            raise ValueError(
                f"hits are [items, layers, heads], labels and sentences [items], not "
                f"{list(self.correct.shape)}, {list(self.label.shape)} and "
                f"{list(self.sentence.shape)}"
            )

    def __len__(self) -> int:
        return len(self.label)

    def tally(self, labels: int) -> LabelHits:
        """The sums over the items, for so many labels."""
        correct = numpy.zeros((labels, *self.correct.shape[1:]), dtype=numpy.int64)
        for label in numpy.unique(self.label):
            correct[label] = self.correct[self.label == label].sum(axis=0)
        return LabelHits(correct, numpy.bincount(self.label, minlength=labels))

    @classmethod
    def joined(cls, parts: Sequence[ItemHits]) -> ItemHits:
        """One after the other, such as the batches of a role."""
        return cls(
            numpy.concatenate([part.correct for part in parts]),
            numpy.concatenate([part.label for part in parts]),
            numpy.concatenate([part.sentence for part in parts]),
        )
