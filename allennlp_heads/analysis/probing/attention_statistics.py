"""What else is known of the attention of each head: where it goes, and how spread it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy
from numpy.typing import NDArray

from allennlp_heads.analysis.probing.arcs import (
    Ints,
    as_spans,
    check_direction,
    checked_spans,
    words_of_spans,
)

_Floats = NDArray[numpy.floating]
_Doubles = NDArray[numpy.float64]


class AttentionStatistics:
    """
    Means over all words of a corpus, found from sums, a batch and a layer at a time.

    - `entropy`: of a word's attention over the nodes, and over what goes to special tokens that are
      no nodes as one more, in nats.
    - `mean_offset`, `mean_distance`: of the words attended to from the word that attends, in words
      and to the right, and without its sign. Each word's weight counts, ROOT and other special
      tokens do not.
    - `special_share`: share of a word's attention that goes to special tokens, ROOT included.
    - `distance_to_gold`: 1 - the weight that goes from one end of a gold item to the other; the
      mean over items. To a predicate that is the weight of the word of the span that gives it most;
      to a span, the sum over its words. For the direction `"either"`, the greater of the two.

    # Parameters

    heads : `Sequence[int]`
        Number of heads of each layer.
    direction : `str`, optional (default = `"either"`)
        Of `distance_to_gold`, as in `arc_hits`.
    """

    def __init__(self, heads: Sequence[int], direction: str = "either") -> None:
        check_direction(direction)
        self._direction = direction
        self._sums = [_Sums(number) for number in heads]

    def add(
        self,
        layer: int,
        attention: _Floats,
        mask: NDArray[numpy.bool_],
        gold: Ints | None = None,
    ) -> None:
        """
        Count in a batch, as one layer sees it.

        # Parameters

        layer : `int`
        attention : `numpy.ndarray`
            `[batch, heads, nodes, nodes]`, weights of (query, key).
        mask : `numpy.ndarray`
            `[batch, nodes]`, `bool`; node 0 is ROOT, or False where there is none.
        gold : `numpy.ndarray`, optional (default = `None`)
            `[items, 3]` arcs or `[items, 4]` spans, as `arc_hits` and `span_hits` take them.
        """
        sums = self._sums[layer]
        words = mask[:, 1:]
        # only what is a weight: on padding there may be anything
        weights = words[:, None, :, None] & mask[:, None, None, :]
        to_nodes = numpy.where(weights, attention[:, :, 1:], 0)
        sums.words += words.sum()
        sums.entropy += _entropy(to_nodes, words)
        to_words = to_nodes[..., 1:].sum(0, dtype=numpy.float64)
        places = numpy.arange(words.shape[1])
        offsets = places - places[:, None]
        sums.to_words += to_words.sum((1, 2))
        sums.offset += (to_words * offsets).sum((1, 2))
        sums.distance += (to_words * abs(offsets)).sum((1, 2))
        if gold is not None and len(gold):
            masses = gold_masses(attention, gold, self._direction)
            sums.items += len(masses)
            sums.to_gold += masses.sum(0)

    def means(self) -> dict[str, list[_Doubles]]:
        """
        The statistics by name: for each layer `[heads]`, `float64`; `nan` where nothing was counted
        in, as `distance_to_gold` without gold items.
        """
        with numpy.errstate(invalid="ignore", divide="ignore"):
            return {
                "entropy": [sums.entropy / sums.words for sums in self._sums],
                "mean_offset": [sums.offset / sums.to_words for sums in self._sums],
                "mean_distance": [sums.distance / sums.to_words for sums in self._sums],
                "special_share": [1 - sums.to_words / sums.words for sums in self._sums],
                "distance_to_gold": [1 - sums.to_gold / sums.items for sums in self._sums],
            }


class _Sums:
    """What one layer's means are made of."""

    def __init__(self, heads: int) -> None:
        self.words = numpy.zeros(1)
        self.items = numpy.zeros(1)
        self.entropy = numpy.zeros(heads)
        self.to_words = numpy.zeros(heads)
        self.offset = numpy.zeros(heads)
        self.distance = numpy.zeros(heads)
        self.to_gold = numpy.zeros(heads)


def gold_masses(attention: _Floats, gold: Ints, direction: str = "either") -> _Doubles:
    """
    The weight that each head gives gold items.

    # Parameters

    attention : `numpy.ndarray`
        `[batch, heads, nodes, nodes]`, weights of (query, key).
    gold : `numpy.ndarray`
        `[items, 3]` arcs or `[items, 4]` spans, as `arc_hits` and `span_hits` take them.
    direction : `str`, optional (default = `"either"`)
        As in `arc_hits`; how, `AttentionStatistics` says.

    # Returns

    `numpy.ndarray`
        `[items, heads]`, from 0 to 1.
    """
    check_direction(direction)
    batch, heads, nodes, _ = attention.shape
    gold = numpy.asarray(gold, dtype=numpy.int64)
    spans = checked_spans(as_spans(gold) if gold.shape[-1] == 3 else gold, batch, nodes)
    masses = numpy.zeros((len(spans), heads))
    if not len(spans):
        return masses
    span, word, starts = words_of_spans(spans)
    sentence, predicate = spans[span, 0], spans[span, 1]
    if direction != "to_head":
        of_words = attention[sentence, :, predicate, word]
        masses = numpy.add.reduceat(of_words, starts, axis=0, dtype=numpy.float64)
    if direction != "to_dependent":
        of_words = attention[sentence, :, word, predicate]
        masses = numpy.maximum(masses, numpy.maximum.reduceat(of_words, starts, axis=0))
    return masses


def _entropy(to_nodes: _Floats, words: NDArray[numpy.bool_]) -> _Doubles:
    """The sum over words of each head's entropy, `[heads]`."""
    dropped = numpy.maximum(1 - to_nodes.sum(-1), 0) * words[:, None]
    of_nodes = numpy.einsum("bhqk,bhqk->bhq", to_nodes, _log(to_nodes))
    return -(of_nodes + dropped * _log(dropped)).sum((0, 2), dtype=numpy.float64)


def _log(shares: _Floats) -> _Floats:
    """Of 0 the logarithm of a tiny number, since 0 log 0 is 0."""
    return numpy.log(numpy.maximum(shares, numpy.finfo(shares.dtype).tiny))
