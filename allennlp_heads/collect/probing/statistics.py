"""What the attention of each head is like on the sentences to score."""

from __future__ import annotations

import numpy

from allennlp_heads.analysis.probing.attention_statistics import AttentionStatistics
from allennlp_heads.collect.probing.data import Roles
from allennlp_heads.collect.probing.passes import WordBatch
from allennlp_heads.collect.word_heads import in_original
from allennlp_heads.modules import GatedEncoder


class HeadStatistics:
    """
    Watches a pass that records attention; see `AttentionStatistics` for what it finds. Sentences
    without an item are not read.

    # Parameters

    encoder : `GatedEncoder`
    roles : `Roles`
    direction : `str`, optional (default = `None`)
        Of the distance to gold; there is none with items that are no arcs (`None`).
    """

    def __init__(self, encoder: GatedEncoder, roles: Roles, direction: str | None) -> None:
        self._encoder, self._roles = encoder, roles
        self._has_arcs = direction is not None
        self._found = AttentionStatistics(encoder.heads, direction or "either")

    def __call__(self, part: int, batch: WordBatch) -> None:
        if part not in self._roles.scored:
            return
        gold = batch.spans if self._has_arcs else None
        for layer, maps in enumerate(batch.attention()):
            self._found.add(layer, maps, batch.mask, gold)

    def means(self) -> dict[str, numpy.ndarray]:
        """By name `[layers, original heads]`; `nan` for heads that are no longer there."""
        return {
            name: in_original(self._encoder, per_layer, fill=numpy.nan)
            for name, per_layer in self._found.means().items()
            if self._has_arcs or name != "distance_to_gold"
        }
