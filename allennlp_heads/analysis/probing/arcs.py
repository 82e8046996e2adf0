"""
Which heads attend from one end of a gold arc to the other (Clark et al. 2019, *What Does BERT Look
At?*; He and Choi 2021, *The Stem Cell Hypothesis*, for spans).
"""

from __future__ import annotations

import numpy
from numpy.typing import NDArray

DIRECTIONS = ("either", "to_head", "to_dependent")

Bools = NDArray[numpy.bool_]
Ints = NDArray[numpy.integer]


def best_keys(
    attention: NDArray[numpy.floating], mask: Bools, diagonal: bool = True
) -> NDArray[numpy.int16]:
    """
    The node that each node attends to most.

    # Parameters

    attention : `numpy.ndarray`
        `[..., batch, heads, nodes, nodes]`, weights of (query, key): of one layer, or of layers
        with equally many heads.
    mask : `numpy.ndarray`
        `[batch, nodes]`, `bool`: False on padding, and at node 0 where there is no ROOT.
    diagonal : `bool`, optional (default = `True`)
        Whether a node may attend to itself most.

    # Returns

    `numpy.ndarray`
        `[..., heads, batch, nodes]`, `int16`; of equal weights the smaller key. -1 for nodes that
        are masked, or have no key left. (Of more than 32,767 nodes: `int32`.)

    Raises `ValueError` when the weights of a node are not numbers.
    """
    attention, mask = numpy.asarray(attention), numpy.asarray(mask, dtype=bool)
    sentences, nodes = mask.shape
    if attention.shape[-4::2] != mask.shape or attention.shape[-1] != nodes:
        raise ValueError(f"attention {list(attention.shape)} does not fit mask {list(mask.shape)}")
    if numpy.isnan(attention.min(initial=0)):
        _check_numbers(attention, mask)
    best = attention.argmax(-1)
    # Where the greatest of all weights belongs to an allowed key, it is also the greatest of the
    # allowed ones. To mask every weight would take longer than to look again at the other rows.
    again = ~mask.ravel().take(best + numpy.arange(sentences)[:, None, None] * nodes)
    if not diagonal:
        again |= best == numpy.arange(nodes)
    again &= mask[:, None]
    if again.any():
        best[again] = _best_allowed(attention, mask, diagonal, again.nonzero())
    numpy.copyto(best, -1, where=~mask[:, None])
    small = numpy.promote_types(numpy.int16, numpy.min_scalar_type(-nodes))
    return numpy.ascontiguousarray(best.swapaxes(-3, -2), dtype=small)


def _check_numbers(attention: NDArray[numpy.floating], mask: Bools) -> None:
    """On padding there may be anything."""
    if (numpy.isnan(attention) & mask[:, None, :, None] & mask[:, None, None]).any():
        raise ValueError("some attention weights are not numbers")


def _best_allowed(
    attention: NDArray[numpy.floating], mask: Bools, diagonal: bool, rows: tuple[Ints, ...]
) -> Ints:
    """The best allowed key of some rows, each given by all its indices but the last."""
    allowed = mask[rows[-3]]
    if not diagonal:
        allowed[numpy.arange(len(allowed)), rows[-1]] = False
    candidates = numpy.where(allowed, attention[rows], -numpy.inf)
    return numpy.where(allowed.any(-1), candidates.argmax(-1), -1)


def arc_hits(best: Ints, arcs: Ints, direction: str = "either") -> Bools:
    """
    Whether each head attends most from one end of a gold arc to the other.

    # Parameters

    best : `numpy.ndarray`
        `[layers, heads, batch, nodes]`, the node that each node attends to most (`best_keys`).
    arcs : `numpy.ndarray`
        `[arcs, 3]`: the sentence's place in the batch, the dependent's node and the head's node.
    direction : `str`, optional (default = `"either"`)
        `"to_head"`: the dependent attends most to its head; `"to_dependent"`: the head attends most
        to its dependent; `"either"`: one of them does, or both.

    # Returns

    `numpy.ndarray`
        `[arcs, layers, heads]`, `bool`.

    Raises `ValueError` for an unknown direction and for arcs outside the batch.
    """
    arcs = numpy.asarray(arcs, dtype=numpy.int64).reshape(-1, 3)
    return span_hits(best, as_spans(arcs), direction)


def span_hits(best: Ints, spans: Ints, direction: str = "either") -> Bools:
    """
    Whether each head attends most from any word of a span to its predicate, or from the predicate
    to any word of the span.

    # Parameters

    best : `numpy.ndarray`
        `[layers, heads, batch, nodes]`, the node that each node attends to most (`best_keys`).
    spans : `numpy.ndarray`
        `[spans, 4]`: the sentence's place in the batch, the predicate's node, the first and the
        last node of the span. For a span's head word alone, first and last are that word.
    direction : `str`, optional (default = `"either"`)
        As in `arc_hits`, the predicate being the head: `"to_head"` is to the predicate,
        `"to_dependent"` to the argument.

    # Returns

    `numpy.ndarray`
        `[spans, layers, heads]`, `bool`.

    Raises `ValueError` for an unknown direction and for spans outside the batch.
    """
    layers, heads, batch, nodes = best.shape
    spans = checked_spans(spans, batch, nodes)
    check_direction(direction)
    sentence, predicate, first, last = spans.T
    # one row a node, so that what is looked up lies together
    rows = best.reshape(layers * heads, batch * nodes).T
    hits = numpy.zeros((len(spans), layers * heads), dtype=bool)
    if direction != "to_head":
        keys = rows[sentence * nodes + predicate]
        hits |= (first[:, None] <= keys) & (keys <= last[:, None])
    if direction != "to_dependent" and len(spans):
        span, word, starts = words_of_spans(spans)
        keys = rows[sentence[span] * nodes + word]
        hits |= numpy.logical_or.reduceat(keys == predicate[span][:, None], starts, axis=0)
    # -1 would not do for layers without heads
    return hits.reshape(len(spans), layers, heads)


def as_spans(arcs: Ints) -> Ints:
    """Arcs as spans of one word, `[arcs, 4]`: (sentence, head, dependent, dependent)."""
    return arcs[:, [0, 2, 1, 1]]


def words_of_spans(spans: Ints) -> tuple[Ints, Ints, Ints]:
    """
    The words of all spans, one after the other: for each the number of its span and its node; and
    for each span where its words start. A span has at least one word.
    """
    lengths = spans[:, 3] - spans[:, 2] + 1
    starts = lengths.cumsum() - lengths
    span = numpy.repeat(numpy.arange(len(spans)), lengths)
    return span, numpy.arange(len(span)) - starts[span] + spans[span, 2], starts


def checked_spans(spans: Ints, batch: int, nodes: int) -> NDArray[numpy.int64]:
    """Spans as `int64`, in which no place overflows. Raises `ValueError` for those outside."""
    spans = numpy.asarray(spans, dtype=numpy.int64).reshape(-1, 4)
    sentence, *ends = spans.T
    inside = (0 <= sentence) & (sentence < batch) & (ends[1] <= ends[2])
    for end in ends:
        inside &= (0 <= end) & (end < nodes)
    if not inside.all():
        wrong = spans[~inside][0].tolist()
        raise ValueError(
            f"(sentence, head, first, last) = {wrong} lies outside a batch of {batch} sentences of "
            f"{nodes} nodes, or ends before it starts"
        )
    return spans


def check_direction(direction: str) -> None:
    """Raises `ValueError` unless it is one of `DIRECTIONS`."""
    if direction not in DIRECTIONS:
        raise ValueError(f"'direction' is {direction!r}: give one of {', '.join(DIRECTIONS)}")
