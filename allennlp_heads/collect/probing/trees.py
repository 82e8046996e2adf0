"""How much of a dependency tree one head knows, chosen on other sentences than it is scored on."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy
import torch

from allennlp_heads.analysis.probing.arcs import best_keys, span_hits
from allennlp_heads.analysis.probing.hits import ItemHits
from allennlp_heads.analysis.probing.intervals import bootstrap, by_sentence
from allennlp_heads.analysis.probing.result import TreeScore
from allennlp_heads.collect.probing.attention_trees import (
    ORIENTATIONS,
    attention_trees,
    chain_trees,
    tree_hits,
)
from allennlp_heads.collect.probing.data import Roles, Split
from allennlp_heads.collect.probing.folds import PartHits
from allennlp_heads.collect.probing.gold import Gold
from allennlp_heads.collect.probing.options import ProbeOptions
from allennlp_heads.collect.probing.passes import Passes, WordBatch
from allennlp_heads.collect.word_heads import in_original
from allennlp_heads.modules import GatedEncoder

RANDOM_HEADS = 8
"""Trees take about a millisecond each, so that the baseline is not of all heads but of a sample."""
_COLUMNS = 3
"""Of what is scored: the chosen head's tree and two chains, then trees of random heads."""


class Chosen(NamedTuple):
    """Layer, head as in the pretrained encoder, and which of `ORIENTATIONS` (its place)."""

    layer: int
    head: int
    orientation: int


class TreeProbe:
    """
    The head that alone attaches most words to their heads, on the sentences to choose by, and the
    unlabelled attachment score of its best trees on those to score. Decoding is for that head
    alone.

    Watches the pass of the arc probe. Sentences that themselves choose (with cross-fitting all do,
    and in the transductive variant) are scored in a pass of their own, `finish`.

    # Parameters

    encoder : `GatedEncoder`
    gold : `Gold`
    roles : `Roles`
    exists : `numpy.ndarray`
        `[layers, original heads]`, `bool`: which heads may be chosen.
    options : `ProbeOptions`
        `draws` and `seed`.
    """

    def __init__(
        self,
        encoder: GatedEncoder,
        gold: Gold,
        roles: Roles,
        exists: numpy.ndarray,
        options: ProbeOptions,
    ) -> None:
        self._encoder, self._gold, self._roles = encoder, gold, roles
        self._exists, self._options = exists, options
        heads = numpy.argwhere(exists)
        generator = numpy.random.default_rng(options.seed)
        self._random = generator.permutation(heads)[:RANDOM_HEADS]
        self._choosing = {part for split in roles.splits for part in split.choice}
        # [orientations, layers, heads]: words that each head attaches rightly
        self._attached = {
            part: numpy.zeros((len(ORIENTATIONS), *exists.shape), dtype=numpy.int64)
            for part in self._choosing
        }
        columns = _COLUMNS + len(self._random)
        self._scores = {
            split.score: PartHits(gold.parts[split.score], len(gold.labels), (columns,), True)
            for split in roles.splits
        }

    def __call__(self, part: int, batch: WordBatch) -> None:
        if part in self._choosing:
            self._attached[part] += self._attachments(batch)
        for split in self._at_once(part):
            self._score(split, batch)

    def finish(self, passes: Passes) -> None:
        """Score the sentences that also choose."""
        for split in self._roles.splits:
            if split not in self._at_once(split.score):
                own = self._gold.parts[split.score]
                for batch in passes.batches(split.score, own, "trees"):
                    self._score(split, batch)

    def result(self) -> TreeScore:
        """The score of all splits together."""
        parts = [(split, self._scores[split.score].items()) for split in self._roles.splits]
        hits = ItemHits.joined([found for _, found in parts])
        used: Counter[Chosen] = Counter()
        for split, found in parts:
            used[self._chosen(split)] += len(found)
        means = hits.correct.mean(axis=0)
        low, high = self._interval(hits)
        layer, head, orientation = used.most_common(1)[0][0]
        return TreeScore(
            uas=float(means[0]),
            low=low,
            high=high,
            layer=layer,
            head=head,
            orientation=ORIENTATIONS[orientation],
            random_head=float(means[_COLUMNS:].mean()),
            left_chain=float(means[1]),
            right_chain=float(means[2]),
            count=len(hits),
        )

    def _at_once(self, part: int) -> list[Split]:
        """The splits that score this part and have chosen before it comes."""
        return [
            split
            for split in self._roles.splits
            if split.score == part and part not in self._choosing
        ]

    def _attachments(self, batch: WordBatch) -> numpy.ndarray:
        """How many words' heads win among all other nodes, without regard to a tree."""
        per_layer = []
        for maps in batch.attention():
            both = [
                span_hits(best_keys(one, batch.mask, diagonal=False)[None], batch.spans, "to_head")
                for one in (maps, maps.swapaxes(-1, -2))
            ]
            per_layer.append(numpy.stack([hits[:, 0].sum(axis=0) for hits in both]))
        return in_original(self._encoder, per_layer)

    def _chosen(self, split: Split) -> Chosen:
        attached = self._sum(split)
        best = numpy.where(self._exists, attached, -1).argmax()
        orientation, layer, head = numpy.unravel_index(best, attached.shape)
        return Chosen(int(layer), int(head), int(orientation))

    def _sum(self, split: Split) -> numpy.ndarray:
        """`[orientations, layers, heads]`, of the split's sentences to choose by."""
        return numpy.sum([self._attached[part] for part in split.choice], axis=0)

    def _score(self, split: Split, batch: WordBatch) -> None:
        chosen = self._chosen(split)
        of_most = int(self._sum(split)[:, self._exists].sum(axis=1).argmax())
        random = [Chosen(layer, head, of_most) for layer, head in self._random.tolist()]
        mask = batch.heads.mask.cpu()
        trees = [
            self._trees(chosen, batch, mask),
            chain_trees(mask, "right"),
            chain_trees(mask, "left"),
            *(self._trees(one, batch, mask) for one in random),
        ]
        arcs = batch.spans[:, [0, 2, 1]]
        self._scores[split.score].add(batch.items, tree_hits(torch.cat(trees, dim=1), arcs))

    def _trees(self, chosen: Chosen, batch: WordBatch, mask: torch.Tensor) -> torch.Tensor:
        place = self._encoder.kept_heads[chosen.layer].index(chosen.head)
        maps = batch.heads.attention[chosen.layer][:, place : place + 1].cpu()
        return attention_trees(maps, mask, ORIENTATIONS[chosen.orientation])

    def _interval(self, hits: ItemHits) -> tuple[float, float]:
        one = numpy.zeros(len(hits), dtype=int)
        correct, count = (
            by_sentence(values, one, hits.sentence, 1)
            for values in (hits.correct[:, 0], numpy.ones(len(hits)))
        )
        low, high = bootstrap(correct, count, self._options.draws, self._options.seed).weighted
        return float(low), float(high)
