"""Probes of groups of encoders, such as untuned ones and ones trained for a task, compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy

from allennlp_heads.analysis.measures import Measure
from allennlp_heads.analysis.probing.intervals import by_sentence
from allennlp_heads.analysis.probing.questions import unlike
from allennlp_heads.analysis.probing.result import ProbeResult
from allennlp_heads.analysis.significance import compare, holm


@dataclass(frozen=True)
class Difference:
    """
    A group against the reference, on the same sentences.

    # Parameters

    difference : `float`
        Mean accuracy over the group's runs minus that over the reference's.
    low, high : `float`
        Its 95% interval by the paired bootstrap over sentences.
    p_value : `float`
        Two-sided, of approximate randomisation: whole sentences, with all runs, are exchanged.
    adjusted : `float`, optional
        The p-value after Holm's correction for all labels of the probe; `None` for scores of all
        labels together.
    """

    difference: float
    low: float
    high: float
    p_value: float
    adjusted: float | None = None


@dataclass(frozen=True)
class GroupScore:
    """
    # Parameters

    mean : `float`
        Accuracy, the mean over the group's runs.
    std : `float`, optional
        Standard deviation over runs (of a sample); `None` with one run.
    runs : `Tuple[float, ...]`
        Accuracy of each run.
    against : `Difference`, optional
        Against the reference; `None` for the reference itself.
    """

    mean: float
    std: float | None
    runs: tuple[float, ...]
    against: Difference | None


@dataclass(frozen=True)
class ProbeComparison:
    """
    # Parameters

    kind : `str`
        Of the probes.
    reference : `str`
        The group the others are compared with.
    labels : `Sequence[str]`
        The most frequent first.
    counts : `Sequence[int]`
        Scored items of each label.
    rare : `Sequence[bool]`
        Whether the reference's first run marks the label as one with few scored items.
    by_label : `Mapping[str, Sequence[GroupScore]]`
        By group, in the order of `labels`.
    overall : `Mapping[str, Mapping[str, GroupScore]]`
        By group and then as in `ProbeResult.overall`.
    """

    kind: str
    reference: str
    labels: Sequence[str]
    counts: Sequence[int]
    rare: Sequence[bool]
    by_label: Mapping[str, Sequence[GroupScore]]
    overall: Mapping[str, Mapping[str, GroupScore]]


def compare_probes(
    groups: Mapping[str, Sequence[ProbeResult]],
    reference: str,
    rounds: int = 10_000,
    seed: int = 0,
) -> ProbeComparison:
    """
    Compare the accuracy of the chosen heads. The tests speak of other sentences for these encoders
    and these heads; what other trainings would give, the spread over runs hints at.

    # Parameters

    groups : `Mapping[str, Sequence[ProbeResult]]`
        Runs by group, such as several seeds; the numbers of runs may differ.
    reference : `str`
        One of the groups.
    rounds : `int`, optional (default = `10000`)
        Of randomisation and of bootstrap.
    seed : `int`, optional (default = `0`)

    # Returns

    `ProbeComparison`

    Raises `ValueError` without the reference, for a group without runs, and when the runs were not
    asked the same (see `unlike`) or not scored on the same items.
    """
    if reference not in groups:
        raise ValueError(f"there is no group '{reference}': the groups are {list(groups)}")
    _check(groups, reference)
    first = groups[reference][0]
    base = _Counts(groups[reference])
    by_label, overall = {}, {}
    for name, runs in groups.items():
        counts = None if name == reference else _Counts(runs)
        tested = _Tests(base, counts, rounds, seed)
        scores = [
            _score([run.labels[place].accuracy for run in runs], tested.label(place))
            for place in range(len(first.labels))
        ]
        by_label[name] = _adjusted(scores)
        overall[name] = {
            way: _score([run.overall[way].accuracy for run in runs], tested.overall(way))
            for way in first.overall
        }
    return ProbeComparison(
        kind=first.kind,
        reference=reference,
        labels=[label.label for label in first.labels],
        counts=first.counts.tolist(),
        rare=[label.rare for label in first.labels],
        by_label=by_label,
        overall=overall,
    )


class _Counts:
    """
    Correct and all items by sentence and label. Every run scores the same items, so that the mean
    of the runs' accuracies is the accuracy of their mean counts, whatever is exchanged or drawn.
    """

    def __init__(self, runs: Sequence[ProbeResult]) -> None:
        items, labels = runs[0].items, len(runs[0].labels)
        place = items.label, items.sentence, labels
        self.gold = by_sentence(numpy.ones(len(items.label)), *place)
        correct = numpy.mean([run.items.correct for run in runs], axis=0)
        one_head = numpy.mean([run.items.one_head for run in runs], axis=0)
        self.correct = by_sentence(correct, *place)
        self.one_head = by_sentence(one_head, *place)

    def label(self, place: int) -> numpy.ndarray:
        """`[sentences, 2]` of the sentences with such items."""
        counts = numpy.stack([self.correct[:, place], self.gold[:, place]], axis=-1)
        return counts[self.gold[:, place] > 0]

    def overall(self, way: str) -> numpy.ndarray:
        """`[sentences, K]`, as the measure of this way wants them."""
        correct = self.one_head if way == "one_head" else self.correct
        if way != "unweighted":
            correct, gold = correct.sum(axis=1), self.gold.sum(axis=1)
            return numpy.stack([correct, gold], axis=-1)
        return numpy.concatenate([correct, self.gold], axis=-1)


class _Tests:
    """Of one group against the reference; `None` where there is none."""

    def __init__(self, base: _Counts, counts: _Counts | None, rounds: int, seed: int) -> None:
        self._base, self._counts, self._rounds, self._seed = base, counts, rounds, seed

    def label(self, place: int) -> Difference | None:
        if self._counts is None:
            return None
        return self._test(self._base.label(place), self._counts.label(place))

    def overall(self, way: str) -> Difference | None:
        if self._counts is None:
            return None
        return self._test(self._base.overall(way), self._counts.overall(way))

    def _test(self, base: numpy.ndarray, counts: numpy.ndarray) -> Difference:
        measure = Measure("accuracy", ("count",) * base.shape[-1], _mean_over_labels)
        found = compare(base, counts, measure, self._rounds, seed=self._seed)
        return Difference(found.difference, found.lower, found.upper, found.p_value)


def _mean_over_labels(counts: numpy.ndarray) -> numpy.ndarray:
    """
    Mean accuracy `[...]` of counts `[..., 2 * labels]`, first the correct ones of each label and
    then all; over the labels that there are.
    """
    correct, gold = numpy.split(counts, 2, axis=-1)
    accuracy = (correct / numpy.maximum(gold, 1)).sum(axis=-1)
    return accuracy / numpy.maximum((gold > 0).sum(axis=-1), 1)


def _score(runs: Sequence[float], against: Difference | None) -> GroupScore:
    std = float(numpy.std(runs, ddof=1)) if len(runs) > 1 else None
    return GroupScore(float(numpy.mean(runs)), std, tuple(runs), against)


def _adjusted(scores: Sequence[GroupScore]) -> list[GroupScore]:
    """With Holm's correction over the labels."""
    tested = [score.against for score in scores if score.against is not None]
    if not tested:
        return list(scores)
    adjusted = holm([test.p_value for test in tested])
    return [
        replace(score, against=replace(test, adjusted=value))
        for score, test, value in zip(scores, tested, adjusted)
    ]


def _check(groups: Mapping[str, Sequence[ProbeResult]], reference: str) -> None:
    empty = [name for name, runs in groups.items() if not runs]
    if empty:
        raise ValueError(f"there are no runs in the group '{empty[0]}'")
    first = groups[reference][0]
    for name, runs in groups.items():
        for number, run in enumerate(runs):
            who, base = f"run {number + 1} of '{name}'", f"the first of '{reference}'"
            if run.kind != first.kind:
                raise ValueError(f"{who} is a probe '{run.kind}', {base} a probe '{first.kind}'")
            found = unlike(run, first)
            if found is not None:
                raise ValueError(
                    f"{who} was asked something else than {base}: '{found.name}' is "
                    f"{found.one!r} and not {found.other!r}. Probe all with the same data and "
                    "options"
                )
            if not _same_items(run, first):
                raise ValueError(
                    f"{who} was scored on other items than {base}: probe all with the same data "
                    "and options"
                )


def _same_items(one: ProbeResult, other: ProbeResult) -> bool:
    return (
        [label.label for label in one.labels] == [label.label for label in other.labels]
        and numpy.array_equal(one.items.label, other.items.label)
        and numpy.array_equal(one.items.sentence, other.items.sentence)
    )
