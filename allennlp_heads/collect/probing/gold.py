"""The items of all sentences of a task, as arrays, part by part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance

from allennlp_heads.analysis.probing.control import control_labels
from allennlp_heads.analysis.probing.examples import Item
from allennlp_heads.collect.probing.data import ProbeData, Roles
from allennlp_heads.collect.probing.head_words import HeadWords
from allennlp_heads.collect.probing.items import items_of, kind_of, word_form, words_of
from allennlp_heads.collect.probing.options import ProbeOptions
from allennlp_heads.collect.probing.overlap import SHARED, count_shared

NO_ITEMS = "sentences without an item"


@dataclass(frozen=True, eq=False)
class PartGold:
    """
    The items of one part of the data, in the order of its sentences.

    # Parameters

    sentences : `Sequence[Instance]`
        Those that have items.
    number : `numpy.ndarray`
        `[sentences]`, `int`: of each sentence in its file.
    start : `numpy.ndarray`
        `[sentences + 1]`, `int`: where the items of each sentence begin; their end behind.
    label : `numpy.ndarray`
        `[items]`, `int`: place in `Gold.labels`.
    places : `numpy.ndarray`
        `[items, 3]`, `int`: nodes of head, first and last word; see `Item`.
    control : `numpy.ndarray`, optional
        `[items]`, `int`: labels of the control task, where there is one.
    """

    sentences: Sequence[Instance]
    number: numpy.ndarray
    start: numpy.ndarray
    label: numpy.ndarray
    places: numpy.ndarray
    control: numpy.ndarray | None

    def labels(self, control: bool) -> numpy.ndarray:
        """`[items]`, `int`: the labels, or those of the control task."""
        if not control:
            return self.label
        assert self.control is not None, "the options ask for it"
        return self.control

    @property
    def sentence(self) -> numpy.ndarray:
        """`[items]`, `int`: number of each item's sentence in its file."""
        return numpy.repeat(self.number, numpy.diff(self.start))

    def items_of(self, sentences: Sequence[int]) -> tuple[numpy.ndarray, numpy.ndarray]:
        """
        The items of some of the sentences, which are given by their places in the part: `[items]`
        where they are, and `[items]` the place of their sentence among those given.
        """
        ranges = [numpy.arange(*self.start[one : one + 2]) for one in sentences]
        row = numpy.repeat(numpy.arange(len(ranges)), [len(one) for one in ranges])
        return numpy.concatenate(ranges), row


@dataclass(frozen=True, eq=False)
class Gold:
    """
    # Parameters

    labels : `List[str]`
        Of all parts, sorted.
    parts : `List[PartGold]`
        As those of `Roles`.
    notes : `Counter[str]`
        How many sentences were left out, by reason, and how many are in two roles.
    """

    labels: list[str]
    parts: list[PartGold]
    notes: Counter[str]


class TaskGold(NamedTuple):
    """
    # Parameters

    kind : `str`
        Of the probe.
    roles : `Roles`
        Of the sentences.
    gold : `Gold`
    """

    kind: str
    roles: Roles
    gold: Gold


def read_gold(data: ProbeData, task: str, options: ProbeOptions) -> TaskGold:
    """
    All that a probe asks of a task's data before it looks at any head.

    # Parameters

    data : `ProbeData`
    task : `str`
    options : `ProbeOptions`

    # Returns

    `TaskGold`

    Raises `ConfigurationError` where data and options do not go together, with file and number of
    the sentence for gold labels that do not fit it, where a role has no items at all, and when all
    that is scored also chooses.
    """
    kind = options.kind or kind_of_task(data, task)
    roles = data.roles(task, kind, options)
    return TaskGold(kind, roles, _gather(data, task, kind, roles, options))


def _gather(data: ProbeData, task: str, kind: str, roles: Roles, options: ProbeOptions) -> Gold:
    """Its labels are those of all roles: one unseen when fitting and choosing counts."""
    head_words = HeadWords(options.head_words) if options.head_words is not None else None
    paths = data.paths(task)

    def found_in(sentence: Instance, file: str) -> list[Item]:
        try:
            return items_of(sentence, kind, options, head_words)
        except ConfigurationError as error:
            raise ConfigurationError(
                f"task '{task}', sentence {number_of(sentence) + 1} of {paths[file]}: "
                f"{error.message}"
            ) from error

    found = [
        [found_in(sentence, file) for sentence in part]
        for file, part in zip(roles.files, roles.parts, strict=True)
    ]
    _check_roles(task, roles, found)
    labels = sorted({item.label for part in found for items in part for item in items})
    index = {label: place for place, label in enumerate(labels)}
    known = Counter(
        index[item.label] for part in _known(roles) for items in found[part] for item in items
    )
    frequencies = numpy.array([known[place] for place in range(len(labels))])
    parts = [
        _part(sentences, items_by_sentence, index, frequencies, options)
        for sentences, items_by_sentence in zip(roles.parts, found, strict=True)
    ]
    without = sum(not items for part in found for items in part)
    shared = count_shared(task, roles, [part.sentences for part in parts], paths)
    return Gold(labels, parts, +Counter({NO_ITEMS: without, SHARED: shared}))


def kind_of_task(data: ProbeData, task: str) -> str:
    """
    The kind of probe that a task's examples have gold labels for. Raises `ConfigurationError` where
    they have none.
    """
    try:
        return kind_of(next(iter(data.instances(task).values()))[0])
    except ConfigurationError as error:
        raise ConfigurationError(f"task '{task}': {error.message}") from error


def number_of(sentence: Instance) -> int:
    """The number of a sentence in its file, from 0."""
    return int(sentence.fields["example"].metadata)  # type: ignore[attr-defined]


def _known(roles: Roles) -> list[int]:
    """The parts whose labels the control task draws from: those not scored, if there are any."""
    numbers = range(len(roles.parts))
    return [part for part in numbers if part not in roles.scored] or roles.scored


def _check_roles(task: str, roles: Roles, found: list[list[list[Item]]]) -> None:
    with_items = {part for part, sentences in enumerate(found) if any(sentences)}
    for number, split in enumerate(roles.splits):
        of_fold = f" of fold {number}" if len(roles.splits) > 1 else ""
        # a fold without items to score is no loss, the others score
        given = [("centroids", split.fit), ("the choice of heads", split.choice)]
        if not of_fold:
            given.append(("the score", (split.score,)))
        for role, parts in given:
            if parts and not with_items & set(parts):
                sentences = sum(len(roles.parts[part]) for part in parts)
                raise ConfigurationError(
                    f"task '{task}': the {sentences} sentences for {role}{of_fold} have nothing to "
                    "probe: no gold labels in this view of the data. Give more sentences, another "
                    "view or another file" + (", or fewer 'folds'" if of_fold else "")
                )


def _part(
    sentences: Sequence[Instance],
    items_by_sentence: list[list[Item]],
    index: dict[str, int],
    frequencies: numpy.ndarray,
    options: ProbeOptions,
) -> PartGold:
    kept = [(one, items) for one, items in zip(sentences, items_by_sentence) if items]
    # by the numbers in the file, however the sentences were drawn
    kept.sort(key=lambda pair: number_of(pair[0]))
    items = [item for _, of_sentence in kept for item in of_sentence]
    control = None
    if options.control:
        forms = [
            word_form(words, item)
            for one, of_sentence in kept
            for words in [words_of(one)]
            for item in of_sentence
        ]
        control = control_labels(forms, frequencies, options.seed)
    return PartGold(
        [one for one, _ in kept],
        numpy.array([number_of(one) for one, _ in kept], dtype=numpy.int64),
        numpy.cumsum([0, *(len(of_sentence) for _, of_sentence in kept)]),
        numpy.array([index[item.label] for item in items], dtype=numpy.int64),
        numpy.array([item[1:] for item in items], dtype=numpy.int64).reshape(-1, 3),
        control,
    )
