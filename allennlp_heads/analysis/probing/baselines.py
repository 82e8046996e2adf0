"""What does as well without the heads that were chosen: the numbers beside those of a probe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy

from allennlp_heads.analysis.probing.choice import Chosen, Fold, choose_and_score, most_used
from allennlp_heads.analysis.probing.hits import LabelHits
from allennlp_heads.analysis.probing.means import (
    Means,
    means_of,
    of_encoders,
    of_most_frequent_label,
    of_one_for_all,
    of_random_head,
)


@dataclass(frozen=True, eq=False)
class Offsets:
    """
    The fixed offsets that arc probes are compared with.

    # Parameters

    values : `Sequence[Union[int, str]]`
        Their names: how many words to the right, or `"root"`. Of equally good ones the first wins.
    folds : `Sequence[Fold]`
        As those of the heads, with hits `[..., offsets]`.
    """

    values: Sequence[int | str]
    folds: Sequence[Fold]


@dataclass(frozen=True, eq=False)
class Baselines:
    """
    What to set beside a probe. All have the sentences and splits of the probe.

    # Parameters

    offsets : `Offsets`, optional (default = `None`)
        Of arc probes.
    random_weights : `Sequence[Sequence[Fold]]`, optional (default = `()`)
        The folds of each encoder with random weights.
    control : `Sequence[Fold]`, optional (default = `None`)
        Folds with the labels of the control task (see `control_labels`).
    """

    offsets: Offsets | None = None
    random_weights: Sequence[Sequence[Fold]] = ()
    control: Sequence[Fold] | None = None

    def check(self, folds: Sequence[Fold]) -> None:
        """Raises `ValueError` where a baseline scores other items than the probe."""
        for others in (*self.random_weights, *([self.offsets.folds] if self.offsets else [])):
            _check(folds, others, relabelled=False)
        if self.control is not None:
            _check(folds, self.control, relabelled=True)


class Beside(NamedTuple):
    """
    The accuracies of all baselines, called as the fields of `Score`.

    # Parameters

    random_head, random_head_std, offset_accuracy, majority, random_weights, control : `Means`
        `None` where there is no such baseline.
    offset : `List[Union[int, str, None]]`
        The chosen offset of each label.
    """

    random_head: Means
    random_head_std: Means
    offset_accuracy: Means | None
    majority: Means
    random_weights: Means | None
    control: Means | None
    offset: list[int | str | None]

    def label(self, label: int) -> dict[str, Any]:
        """Of one label; `None` where it has no item."""
        numbers = {
            name: None if means is None else float(means.by_label[label])
            for name, means in self._means()
        }
        return {
            name: None if number is None or numpy.isnan(number) else number
            for name, number in numbers.items()
        }

    def overall(self, way: str) -> dict[str, Any]:
        """Of all labels, in one of the ways of `ProbeResult.overall`."""
        return {
            name: None if means is None else getattr(means, way) for name, means in self._means()
        }

    def _means(self) -> list[tuple[str, Means | None]]:
        return list(zip(self._fields[:-1], self[:-1]))


def beside(
    baselines: Baselines, folds: Sequence[Fold], score: LabelHits, exists: numpy.ndarray
) -> Beside:
    """
    # Parameters

    baselines : `Baselines`
    folds : `Sequence[Fold]`
        Of the probe.
    score : `LabelHits`
        Of the score items of all folds.
    exists : `numpy.ndarray`
        `[layers, heads]`, `bool`.
    """
    labels = len(score.count)
    mean, std = of_random_head(score, exists)
    offset: Means | None = None
    names: list[int | str | None] = [None] * labels
    majority = of_most_frequent_label(folds, labels)
    if baselines.offsets is not None:
        values = baselines.offsets.values
        chosen = choose_and_score(baselines.offsets.folds, numpy.ones(len(values), bool))
        offset, names = means_of(chosen, labels), _names(chosen, values, labels)
        majority = of_one_for_all(chosen, labels)
    control = None
    if baselines.control is not None:
        control = means_of(choose_and_score(baselines.control, exists), labels)
    random_weights = of_encoders(baselines.random_weights, exists, labels)
    return Beside(mean, std, offset, majority, random_weights, control, names)


def _names(chosen: Chosen, values: Sequence[int | str], labels: int) -> list[int | str | None]:
    """Each label's offset; with several folds the one for most items."""
    of_label = [chosen.candidate[chosen.label == label] for label in range(labels)]
    return [values[most_used(used)] if len(used) else None for used in of_label]


def _check(folds: Sequence[Fold], others: Sequence[Fold], relabelled: bool) -> None:
    same = len(folds) == len(others) and all(
        numpy.array_equal(fold.score.sentence, other.score.sentence)
        and (relabelled or numpy.array_equal(fold.score.label, other.score.label))
        for fold, other in zip(folds, others)
    )
    if not same:
        raise ValueError("a baseline scores other items than the probe that it stands beside")
