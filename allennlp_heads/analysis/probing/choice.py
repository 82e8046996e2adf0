"""Choosing a head for each label, and what the choices of all folds get right on other data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy

from allennlp_heads.analysis.probing.hits import ItemHits, LabelHits


@dataclass(frozen=True, eq=False)
class Fold:
    """
    Data to choose by and other data to score. Files for each role make one fold; cross-fitting of
    a single file makes several, which together score every item once.

    # Parameters

    choice : `LabelHits`
    score : `ItemHits`
    fit : `numpy.ndarray`, optional (default = `None`)
        `[labels]`, `int`: items in each label's centroid; `None` where nothing is fitted.
    """

    choice: LabelHits
    score: ItemHits
    fit: numpy.ndarray | None = None

    def known(self) -> numpy.ndarray:
        """`[labels]`: how often each label stands in all data but the scored one."""
        return self.choice.count if self.fit is None else self.choice.count + self.fit


class Choice(NamedTuple):
    """
    # Parameters

    by_label : `numpy.ndarray`
        `[labels]`, `int`: the best candidate (head, layer by layer, or fixed offset) of each
        label; of a label without items that of `one`.
    one : `int`
        The candidate that is best for all items together.
    seen : `numpy.ndarray`
        `[labels]`, `bool`: whether there was an item to choose by.
    """

    by_label: numpy.ndarray
    one: int
    seen: numpy.ndarray


def choose(choice: LabelHits, exists: numpy.ndarray) -> Choice:
    """
    # Parameters

    choice : `LabelHits`
        `[labels, *candidates]`.
    exists : `numpy.ndarray`
        `[*candidates]`, `bool`: which may be chosen.

    # Returns

    `Choice`
        Of equally good candidates the first: by layer, then by head.

    Raises `ValueError` when there is no item to choose by, or nothing to choose from.
    """
    if choice.correct.shape[1:] != exists.shape:
        raise ValueError(f"hits of {choice.correct.shape[1:]} candidates, not of {exists.shape}")
    if not exists.any():
        raise ValueError("no head is there and open, so there is none to choose")
    if not choice.count.sum():
        raise ValueError("there are no items to choose heads by")
    correct = choice.correct.reshape(len(choice.count), -1)
    among = exists.ravel()
    one = int(numpy.where(among, correct.sum(axis=0), -1).argmax())
    seen = choice.count > 0
    by_label = numpy.where(among, correct, -1).argmax(axis=1)
    return Choice(numpy.where(seen, by_label, one), one, seen)


class Chosen(NamedTuple):
    """
    The scored items of all folds, each by the choice of its own fold.

    # Parameters

    label, sentence : `numpy.ndarray`
        `[items]`, as in `ItemHits`.
    correct, one_correct : `numpy.ndarray`
        `[items]`, `bool`: whether the label's candidate, and the one for all labels, is right.
    candidate, one : `numpy.ndarray`
        `[items]`, `int`: which these are.
    seen : `numpy.ndarray`
        `[items]`, `bool`: whether the label had items to choose by.
    """

    label: numpy.ndarray
    sentence: numpy.ndarray
    correct: numpy.ndarray
    one_correct: numpy.ndarray
    candidate: numpy.ndarray
    one: numpy.ndarray
    seen: numpy.ndarray


def choose_and_score(folds: Sequence[Fold], exists: numpy.ndarray) -> Chosen:
    """
    Choose in each fold by its choice data, look at its score data only then, and pool the items.
    See `choose` for the errors raised.
    """
    parts = [_chosen(fold.score, choose(fold.choice, exists)) for fold in folds]
    return Chosen(*(numpy.concatenate(column) for column in zip(*parts)))


def most_used(candidates: numpy.ndarray) -> int:
    """The candidate `[items]` of most items; of equally many the first."""
    return int(numpy.bincount(candidates).argmax())


def _chosen(score: ItemHits, choice: Choice) -> Chosen:
    flat = score.correct.reshape(len(score), -1)
    candidate = choice.by_label[score.label]
    return Chosen(
        score.label,
        score.sentence,
        flat[numpy.arange(len(score)), candidate],
        flat[:, choice.one],
        candidate,
        numpy.full(len(score), choice.one),
        choice.seen[score.label],
    )
