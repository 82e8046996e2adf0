"""What one attention head does with one sentence, as JSON and as a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy
import torch
from allennlp.common import JsonDict

from allennlp_heads.analysis.probing.arcs import best_keys, span_hits
from allennlp_heads.analysis.probing.examples import Item
from allennlp_heads.collect import WordHeads
from allennlp_heads.collect.probing.items import word_form
from allennlp_heads.predictors.arc_picture import Arc, arc_picture
from allennlp_heads.predictors.chosen_heads import ChosenHeads
from allennlp_heads.predictors.span_picture import Span, span_picture

ROOT = "root"
"""Stands where a position of a word would."""


class HeadPlace(NamedTuple):
    """
    # Parameters

    layer : `int`
    head : `int`
        As numbered in the pretrained encoder.
    column : `int`
        Where the layer has it now.
    """

    layer: int
    head: int
    column: int


@dataclass(frozen=True, eq=False)
class Sentence:
    """
    # Parameters

    words : `Sequence[str]`
    items : `Sequence[Item]`, optional
        Its gold, or the spans to label; `None` where neither is known.
    labelled : `bool`
        Whether the items are gold.
    heads : `WordHeads`
        Of a batch.
    row : `int`
        The sentence's place in it.
    """

    words: Sequence[str]
    items: Sequence[Item] | None
    labelled: bool
    heads: WordHeads
    row: int

    @property
    def mask(self) -> numpy.ndarray:
        """`[nodes]`, `bool`: ROOT and words that are there."""
        return self.heads.mask[self.row, : len(self.words) + 1].cpu().numpy()

    def values(self, layers: Sequence[torch.Tensor], place: HeadPlace, axis: int) -> numpy.ndarray:
        """What a head computes for each node; `axis`: where a layer of the batch has its heads."""
        of_head = layers[place.layer].select(axis, place.column)[self.row]
        return of_head[: len(self.words) + 1].double().cpu().numpy()

    def whole(self, items: Sequence[Item]) -> list[Item]:
        """Those whose head and words are all there."""
        mask = self.mask
        return [
            item for item in items if mask[item.head] and mask[item.first : item.last + 1].all()
        ]


class Shown(NamedTuple):
    """
    # Parameters

    output : `JsonDict`
    legend : `str`
        What the picture's marks mean.
    picture : `Callable[[Sequence[str]], str]`
        The SVG with some lines of text below.
    """

    output: JsonDict
    legend: str
    picture: Callable[[Sequence[str]], str]


def pointing(chosen: ChosenHeads, sentence: Sentence, place: HeadPlace) -> Shown:
    """
    Which node the attention of each node is highest on: `points_at`, and with gold `gold`, whether
    the head finds the items of its labels. The picture has an arrow from each node to another, with
    its weight and the label of the gold that it finds.
    """
    mask, size, options = sentence.mask, len(sentence.words) + 1, chosen.options
    weights = sentence.values(sentence.heads.attention, place, axis=1)[:, :size]
    best = best_keys(weights[None, None], mask[None], options.diagonal)[0, 0]
    points = [(query, int(key)) for query, key in enumerate(best) if key >= 0]
    names = ["ROOT", *sentence.words]
    output: JsonDict = {
        "points_at": [
            {
                "position": _position(query),
                "word": names[query],
                "to": _position(key),
                "text": names[key],
                "weight": round(float(weights[query, key]), 4),
            }
            for query, key in points
        ]
    }
    found: dict[tuple[int, int], str] = {}
    if sentence.items is not None:
        labels = chosen.labels[place.layer, place.head]
        items = sentence.whole([i for i in sentence.items if not labels or i.label in labels])
        spans = numpy.array([(0, i.head, i.first, i.last) for i in items]).reshape(-1, 4)
        hits = span_hits(best[None, None, None], spans, options.direction)[:, 0, 0]
        output["gold"] = [_gold(*pair) for pair in zip(items, hits)]
        found = _findable(items, options.direction)
    first = 0 if mask[0] else 1
    arcs = [
        Arc(query - first, key - first, _label(weights[query, key], found.get((query, key))))
        for query, key in points
    ]
    below = [""] * (size - first)
    for query, key in points:
        if query == key:
            below[query - first] = f"itself {weights[query, key]:.2f}"
    legend = "an arrow goes from the word that looks to the one it looks at most, with that weight"
    legend += "; with a label where that is gold" * bool(sentence.items)
    return Shown(output, legend, partial(arc_picture, words=names[first:], arcs=arcs, below=below))


def nearest_labels(chosen: ChosenHeads, sentence: Sentence, place: HeadPlace) -> Shown:
    """
    The label that is nearest to what the head computes for each word or span: `nearest`. The
    picture has it under each.
    """
    items = sentence.items
    if items is None:
        items = [Item("", node, node, node) for node in range(1, len(sentence.words) + 1)]
    items = sentence.whole(items)
    contexts = sentence.values(sentence.heads.contexts, place, axis=2)
    vectors = [contexts[item.first : item.last + 1].mean(axis=0) for item in items]
    labels = chosen.nearest(
        place.layer, place.head, numpy.array(vectors).reshape(-1, contexts.shape[1])
    )
    nearest, spans = [], []
    for item, (label, similarity) in zip(items, labels, strict=True):
        about: JsonDict = {
            "start": item.first - 1,
            "end": item.last - 1,
            "text": word_form(sentence.words, item),
            "label": label,
            "similarity": round(similarity, 4),
        }
        caption = label
        if sentence.labelled:
            about |= {"gold": item.label, "correct": label == item.label}
            caption += "" if label == item.label else f" (gold {item.label})"
        nearest.append(about)
        spans.append(Span(item.first - 1, item.last - 1, caption))
    legend = "under each bracket the label whose centroid is nearest"
    legend += ", and the gold label where that is another" * sentence.labelled
    return Shown(
        {"nearest": nearest}, legend, partial(span_picture, words=sentence.words, spans=spans)
    )


def _findable(items: Sequence[Item], direction: str) -> dict[tuple[int, int], str]:
    """Which pairs of query and key are a hit, and the label that they hit."""
    found = {}
    for item in items:
        for node in range(item.first, item.last + 1):
            if direction != "to_dependent":
                found[node, item.head] = item.label
            if direction != "to_head":
                found[item.head, node] = item.label
    return found


def _gold(item: Item, correct: bool) -> JsonDict:
    return {
        "label": item.label,
        "head": _position(item.head),
        "start": item.first - 1,
        "end": item.last - 1,
        "correct": bool(correct),
    }


def _label(weight: float, gold: str | None) -> str:
    return f"{weight:.2f}" if gold is None else f"{gold} {weight:.2f}"


def _position(node: int) -> int | str:
    return node - 1 if node else ROOT
