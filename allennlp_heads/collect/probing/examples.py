"""What every head attends to in a few of the scored sentences."""

from __future__ import annotations

from allennlp_heads.analysis.probing.arcs import best_keys
from allennlp_heads.analysis.probing.examples import ExampleSentence, Item
from allennlp_heads.collect.probing.data import Roles
from allennlp_heads.collect.probing.gold import Gold
from allennlp_heads.collect.probing.items import words_of
from allennlp_heads.collect.probing.options import ARC_KINDS, ProbeOptions
from allennlp_heads.collect.probing.passes import WordBatch
from allennlp_heads.collect.word_heads import in_original
from allennlp_heads.modules import GatedEncoder

LONGEST = 40
"""Words of a sentence that is kept: arcs over more of them nobody can follow."""


class ExampleSentences:
    """
    Watches a pass that records attention, and keeps where it is highest in the first of the scored
    sentences, in the order of their file: two bytes for each of their words and heads.

    # Parameters

    encoder : `GatedEncoder`
    gold : `Gold`
    roles : `Roles`
    kind : `str`
        Of the probe: gold is kept where it is arcs.
    options : `ProbeOptions`
        `examples`: how many sentences; `diagonal`.
    """

    def __init__(
        self, encoder: GatedEncoder, gold: Gold, roles: Roles, kind: str, options: ProbeOptions
    ) -> None:
        self._encoder, self._gold = encoder, gold
        self._has_arcs, self._diagonal = kind in ARC_KINDS, options.diagonal
        readable = [
            (int(number), part, place)
            for part in roles.scored
            for place, number in enumerate(gold.parts[part].number)
            if len(words_of(gold.parts[part].sentences[place])) <= LONGEST
        ]
        self._wanted = {place[1:] for place in sorted(readable)[: options.examples]}
        self._found: dict[int, ExampleSentence] = {}

    def __call__(self, part: int, batch: WordBatch) -> None:
        for row, place in enumerate(batch.sentences):
            if (part, place) in self._wanted:
                sentence = self._sentence(part, place, batch, row)
                self._found[sentence.number] = sentence

    def found(self) -> list[ExampleSentence]:
        """The sentences in the order of their file."""
        return [self._found[number] for number in sorted(self._found)]

    def _sentence(self, part: int, place: int, batch: WordBatch, row: int) -> ExampleSentence:
        own = self._gold.parts[part]
        words = words_of(own.sentences[place])
        nodes = len(words) + 1
        mask = batch.mask[row : row + 1, :nodes]
        # the other sentences of the batch stay on their device
        maps = (layer[row : row + 1, :, :nodes, :nodes] for layer in batch.heads.attention)
        per_layer = [best_keys(one.float().cpu().numpy(), mask, self._diagonal) for one in maps]
        attended = in_original(self._encoder, per_layer, axis=0, fill=-1)[:, :, 0]
        arcs = self._arcs(part, batch, row) if self._has_arcs else []
        return ExampleSentence(int(own.number[place]), words, arcs, attended)

    def _arcs(self, part: int, batch: WordBatch, row: int) -> list[Item]:
        here = batch.spans[:, 0] == row
        labels = self._gold.parts[part].label[batch.items[here]]
        return [
            Item(self._gold.labels[label], *places)
            for label, places in zip(labels, batch.spans[here, 1:].tolist(), strict=True)
        ]
