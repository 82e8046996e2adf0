"""Random padded batches of attention with gold arcs and spans, as hypothesis draws them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy
from hypothesis import strategies as st

DIRECTION = st.sampled_from(["either", "to_head", "to_dependent"])


@dataclass
class Batch:
    """Weights `[layers, batch, heads, nodes, nodes]`, mask `[batch, nodes]`, and gold items."""

    attention: numpy.ndarray
    mask: numpy.ndarray
    rooted: bool
    arcs: numpy.ndarray
    spans: numpy.ndarray

    @property
    def lengths(self) -> list[int]:
        """Nodes of each sentence, ROOT included even where the mask leaves it out."""
        return [int(row.nonzero()[0].max(initial=0)) + 1 for row in self.mask]

    def maps(self, layer: int, head: int) -> list[numpy.ndarray]:
        """Of each sentence the weights of one head, without padding."""
        return [
            self.attention[layer, sentence, head, :length, :length]
            for sentence, length in enumerate(self.lengths)
        ]

    def cut(self, rows: slice) -> Batch:
        """Some of the sentences, in a batch that is no longer than they need."""
        longest = max(self.lengths[rows])
        return Batch(
            self.attention[:, rows, :, :longest, :longest],
            self.mask[rows, :longest],
            self.rooted,
            self._within(self.arcs, rows),
            self._within(self.spans, rows),
        )

    def _within(self, items: numpy.ndarray, rows: slice) -> numpy.ndarray:
        start, stop, _ = rows.indices(len(self.mask))
        chosen = items[(start <= items[:, 0]) & (items[:, 0] < stop)]
        return chosen - numpy.eye(1, chosen.shape[1], dtype=int) * start


@st.composite
def batches(draw: st.DrawFn, rooted: bool | None = None) -> Batch:
    """
    Weights of few values, so that many are equal, with rubbish on padding that is greater than any
    of them; sentences of one word, no items, and spans of one word are among them.
    """
    words = draw(st.lists(st.integers(1, 7), min_size=1, max_size=4))
    padding = draw(st.integers(0, 2))
    layers, heads = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    random = numpy.random.default_rng(draw(st.integers(0, 10_000)))
    nodes = max(words) + 1 + padding
    levels = draw(st.sampled_from([1, 2, 4, 1000]))
    attention = random.integers(0, levels + 1, (layers, len(words), heads, nodes, nodes))
    attention = (attention / (levels * nodes)).astype(numpy.float32)
    rooted = draw(st.booleans()) if rooted is None else rooted
    mask = numpy.arange(nodes) <= numpy.array(words)[:, None]
    mask[:, 0] = rooted
    outside = ~(mask[:, None, :, None] & mask[:, None, None, :])
    attention = numpy.where(outside, numpy.float32(2), attention)
    arcs, spans = [], []
    for sentence, length in enumerate(words):
        for _ in range(draw(st.integers(0, 4))):
            one, other = random.integers(1, length + 1, 2).tolist()
            arcs.append((sentence, one, int(random.integers(0 if rooted else 1, length + 1))))
            spans.append((sentence, int(random.integers(1, length + 1)), *sorted((one, other))))
    return Batch(
        attention,
        mask,
        rooted,
        numpy.array(arcs, dtype=int).reshape(-1, 3),
        numpy.array(spans, dtype=int).reshape(-1, 4),
    )
