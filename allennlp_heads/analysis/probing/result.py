"""
What a probe of attention heads finds: which head does each label best, how well it does on data
that had no say in that choice, and what does as well without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy

from allennlp_heads.analysis.probing.examples import ExampleSentence


@dataclass(frozen=True)
class Score:
    """
    An accuracy on the score data, and the baselines that belong beside it. All are shares from 0
    to 1; heads, offsets and labels are chosen on other data than is scored, in the baselines too.

    # Parameters

    accuracy : `float`
        Share of the scored items that the chosen head gets right. Of one label of a centroid probe
        that is its recall: a head that says the label too often has it for nothing. The score
        `"one_head"` of `ProbeResult.overall` has no such gift.
    low, high : `float`
        95% bootstrap interval of `accuracy` over sentences, for the heads that were chosen. With
        cross-fitting it is a little too narrow where heads are about equally good, since each
        fold's sentences also choose for another: simulated ones had the truth in 92 of 100 cases
        (with separate data in 95).
    random_head, random_head_std : `float`
        Mean and standard deviation over the heads there are: what a head drawn at random gets.
    offset_accuracy : `float`, optional
        Of the best fixed offset of each label; `None` where the probe does not point at words.
    majority : `float`
        Arc probes: of one fixed offset for all labels. Centroid probes: of the most frequent label.
    random_weights : `float`, optional
        Of the same encoder with random weights, whose best head is chosen just so; the mean over
        such encoders. `None` without them.
    control : `float`, optional
        Of the control task, in which a type's label is random (see `control_labels`); `None`
        without it, and where it has no scored item of this label.
    """

    accuracy: float
    low: float
    high: float
    random_head: float
    random_head_std: float
    offset_accuracy: float | None
    majority: float
    random_weights: float | None
    control: float | None

    @property
    def selectivity(self) -> float | None:
        """`accuracy - control`; `None` without a control."""
        return None if self.control is None else self.accuracy - self.control


@dataclass(frozen=True)
class LabelScore(Score):
    """
    The `Score` of one label.

    # Parameters

    label : `str`
    count : `int`
        Scored items.
    choice_count, fit_count : `int`
        Items that the head was chosen by, and items in its centroid (0 for arc probes). With
        cross-fitting the mean over folds, rounded.
    layer, head : `int`
        The chosen head, from 0, as numbered in the pretrained encoder. With cross-fitting the one
        that scores most of the items.
    share : `float`
        Share of the scored items that this head scores: 1 unless the folds choose several.
    offset : `int` or `str`, optional
        The label's best fixed offset in words, or `"root"`; `None` without offsets.
    rare : `bool`
        Whether there are fewer scored items than the option `rare` asks for.
    chosen_on : `str`
        `"label"`, or `"all labels"` where (in some fold) no item of the label was there to choose
        by: then the head is the best one for all items together.
    """

    label: str
    count: int
    choice_count: int
    fit_count: int
    layer: int
    head: int
    share: float
    offset: int | str | None
    rare: bool
    chosen_on: str


@dataclass(frozen=True)
class OverallScore(Score):
    """
    A `Score` of all labels together.

    # Parameters

    layer, head : `int`, optional
        The head of `"one_head"`, with cross-fitting the one that scores most items; `None` for the
        others, which have a head for each label.
    """

    layer: int | None = None
    head: int | None = None


@dataclass(frozen=True, eq=False)
class ItemScores:
    """
    What was scored, item by item, for paired tests.

    # Parameters

    label : `numpy.ndarray`
        `[items]`, `int`: place in `ProbeResult.labels`.
    sentence : `numpy.ndarray`
        `[items]`, `int`: number of the sentence among those of its file.
    correct : `numpy.ndarray`
        `[items]`, `bool`: whether the label's chosen head gets it right.
    one_head : `numpy.ndarray`
        `[items]`, `bool`: whether the one head chosen for all labels does.
    """

    label: numpy.ndarray
    sentence: numpy.ndarray
    correct: numpy.ndarray
    one_head: numpy.ndarray


@dataclass(frozen=True)
class TreeScore:
    """
    Unlabelled attachment score of the maximum spanning tree of one head's attention.

    # Parameters

    uas : `float`
        Share of the scored words that the tree gives their gold head.
    low, high : `float`
        Its 95% bootstrap interval over sentences.
    layer, head : `int`
        Chosen on the choice data; with cross-fitting the one that scores most words.
    orientation : `str`
        `"to_head"` where a word's attention points at its head, `"to_dependent"` where the head's
        attention points at it; chosen with the head.
    random_head : `float`
        Mean over heads drawn at random, in the orientation that suits most heads (on the choice
        data).
    left_chain, right_chain : `float`
        Of trees in which every word depends on the one before it, and on the one after it.
    count : `int`
        Scored words.
    """

    uas: float
    low: float
    high: float
    layer: int
    head: int
    orientation: str
    random_head: float
    left_chain: float
    right_chain: float
    count: int


@dataclass(frozen=True, eq=False)
class HeadCentroids:
    """
    The centroids of the chosen heads, by which new words get their nearest label.

    # Parameters

    labels : `Sequence[str]`
        Those that have a centroid, in the order of the axis.
    heads : `Sequence[Tuple[int, int]]`
        Layer and head, from 0, as numbered in the pretrained encoder.
    vectors : `numpy.ndarray`
        `[heads, labels, dim]`, `float32`: means of the contexts; the nearest by cosine wins.
    """

    labels: Sequence[str]
    heads: Sequence[tuple[int, int]]
    vectors: numpy.ndarray


@dataclass(frozen=True, eq=False)
class ProbeResult:
    """
    One probe of one encoder.

    # Parameters

    kind : `str`
        `"tagger"`, `"span_ner"`, `"constituency"`, `"dependency"` or `"srl"`.
    labels : `Sequence[LabelScore]`
        Of the labels with scored items, the most frequent first, equally frequent ones by name.
    accuracy : `numpy.ndarray`
        `[labels, layers, heads]`, `float64`, in the order of `labels`: of every head on the score
        data; `nan` where there is no head. Its maximum is no estimate of anything: it is chosen on
        the data that it is computed on.
    counts : `numpy.ndarray`
        `[labels]`, `int`: scored items.
    exists : `numpy.ndarray`
        `[layers, heads]`, `bool`: heads that are there and open, as numbered in the pretrained
        encoder.
    overall : `Mapping[str, OverallScore]`
        `"weighted"`: every item by its label's chosen head. `"unweighted"`: the mean over labels.
        `"one_head"`: every item by the one head that is best for all items of the choice data, the
        only one of these that does not need to know an item's label to pick its head.
    items : `ItemScores`
    statistics : `Mapping[str, numpy.ndarray]`, optional (default = `{}`)
        By name `[layers, heads]`: what else is known of the attention of each head.
    tree : `TreeScore`, optional (default = `None`)
    centroids : `HeadCentroids`, optional (default = `None`)
        Of centroid probes.
    options : `Mapping[str, Any]`, optional (default = `{}`)
        What the probe was told.
    samples : `Mapping[str, Mapping[str, int]]`, optional (default = `{}`)
        Sentences and items of each role of the data.
    notes : `Mapping[str, int]`, optional (default = `{}`)
        How many items or sentences were left out or treated otherwise, by reason.
    epoch : `int`, optional (default = `None`)
        Of the training, when probed meanwhile.
    examples : `Sequence[ExampleSentence]`, optional (default = `()`)
        Some scored sentences, where attention was recorded. A file of their own has them, so that
        results that are read back have none.
    """

    kind: str
    labels: Sequence[LabelScore]
    accuracy: numpy.ndarray
    counts: numpy.ndarray
    exists: numpy.ndarray
    overall: Mapping[str, OverallScore]
    items: ItemScores
    statistics: Mapping[str, numpy.ndarray] = field(default_factory=dict)
    tree: TreeScore | None = None
    centroids: HeadCentroids | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    samples: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    notes: Mapping[str, int] = field(default_factory=dict)
    epoch: int | None = None
    examples: Sequence[ExampleSentence] = ()

    def of_all_items(self) -> numpy.ndarray:
        """`[layers, heads]`: the share of all scored items that each head gets right."""
        return numpy.tensordot(self.counts / self.counts.sum(), self.accuracy, axes=1)

    def chosen(self) -> dict[tuple[int, int], list[str]]:
        """Layer and head of each head that was chosen, in this order, and the labels it is for."""
        found: dict[tuple[int, int], list[str]] = {}
        for label in sorted(self.labels, key=lambda label: (label.layer, label.head)):
            found.setdefault((label.layer, label.head), []).append(label.label)
        return found
