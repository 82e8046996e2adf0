"""Arc probes against the loops that define them."""

from __future__ import annotations

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.analysis.probing.arcs import DIRECTIONS, arc_hits, best_keys, span_hits
from tests.analysis.probing.batches import DIRECTION, Batch, batches
from tests.analysis.probing.probe_loops import arc_hit, probe_arcs, span_hit, strongest


@given(batches(), st.booleans())
def test_best_keys_are_those_of_the_loops(batch: Batch, diagonal: bool) -> None:
    best = best_keys(batch.attention, batch.mask, diagonal)
    layers, sentences, heads, nodes, _ = batch.attention.shape
    assert best.dtype == numpy.int16 and best.shape == (layers, heads, sentences, nodes)
    for layer in range(layers):
        of_layer = best_keys(batch.attention[layer], batch.mask, diagonal)
        numpy.testing.assert_array_equal(of_layer, best[layer])
        for head in range(heads):
            for sentence, weights in enumerate(batch.maps(layer, head)):
                for node in range(nodes):
                    wanted = -1
                    if batch.mask[sentence, node]:
                        wanted = strongest(weights, node, batch.rooted, diagonal)
                    assert best[layer, head, sentence, node] == wanted


@given(batches(), DIRECTION, st.booleans())
def test_hits_are_those_of_the_loops(batch: Batch, direction: str, diagonal: bool) -> None:
    best = best_keys(batch.attention, batch.mask, diagonal)
    arcs = arc_hits(best, batch.arcs, direction)
    spans = span_hits(best, batch.spans, direction)
    assert arcs.shape == (len(batch.arcs), *best.shape[:2]) and arcs.dtype == bool
    assert spans.shape == (len(batch.spans), *best.shape[:2])
    for layer, head in numpy.ndindex(best.shape[:2]):
        keys = best[layer, head].tolist()
        for hit, (sentence, dependent, governor) in zip(arcs, batch.arcs.tolist()):
            assert hit[layer, head] == arc_hit(keys[sentence], dependent, governor, direction)
        for hit, (sentence, predicate, first, last) in zip(spans, batch.spans.tolist()):
            assert hit[layer, head] == span_hit(keys[sentence], predicate, first, last, direction)


@given(batches(), DIRECTION)
def test_a_layer_without_heads(batch: Batch, direction: str) -> None:
    best = best_keys(batch.attention[:, :, :0], batch.mask)
    layers = len(batch.attention)
    assert span_hits(best, batch.spans, direction).shape == (len(batch.spans), layers, 0)
    assert arc_hits(best, batch.arcs, direction).shape == (len(batch.arcs), layers, 0)


@given(batches(rooted=True), DIRECTION)
def test_the_loop_that_is_timed(batch: Batch, direction: str) -> None:
    layers, _, heads, _, _ = batch.attention.shape
    maps = [[batch.maps(layer, head) for head in range(heads)] for layer in range(layers)]
    found = arc_hits(best_keys(batch.attention, batch.mask), batch.arcs, direction)
    numpy.testing.assert_array_equal(found, probe_arcs(maps, batch.arcs.tolist(), direction))


@given(batches(), DIRECTION, st.randoms(use_true_random=False))
def test_permuting_heads_permutes_hits(batch: Batch, direction: str, random) -> None:
    layers = random.sample(range(batch.attention.shape[0]), batch.attention.shape[0])
    heads = random.sample(range(batch.attention.shape[2]), batch.attention.shape[2])
    best = best_keys(batch.attention, batch.mask)
    permuted = best_keys(batch.attention[layers][:, :, heads], batch.mask)
    for rule, items in ((arc_hits, batch.arcs), (span_hits, batch.spans)):
        found = rule(best, items, direction)
        numpy.testing.assert_array_equal(
            rule(permuted, items, direction), found[:, layers][:, :, heads]
        )


@given(batches(), DIRECTION, st.booleans(), st.integers(1, 4))
def test_padding_and_batch_size_change_nothing(
    batch: Batch, direction: str, diagonal: bool, size: int
) -> None:
    def hits(part: Batch) -> tuple[numpy.ndarray, numpy.ndarray]:
        best = best_keys(part.attention, part.mask, diagonal)
        return arc_hits(best, part.arcs, direction), span_hits(best, part.spans, direction)

    parts = [
        hits(batch.cut(slice(start, start + size))) for start in range(0, len(batch.mask), size)
    ]
    for whole, pieces in zip(hits(batch), zip(*parts)):
        numpy.testing.assert_array_equal(whole, numpy.concatenate(pieces))


@given(batches(rooted=True), st.booleans())
def test_either_direction_is_one_or_the_other(batch: Batch, diagonal: bool) -> None:
    best = best_keys(batch.attention, batch.mask, diagonal)
    for rule, items in ((arc_hits, batch.arcs), (span_hits, batch.spans)):
        either, to_head, to_dependent = (rule(best, items, way) for way in DIRECTIONS)
        numpy.testing.assert_array_equal(either, to_head | to_dependent)


def test_directions_by_hand() -> None:
    """Word 1 attends to word 3, which attends to ROOT; word 2 to itself, and ROOT to word 2."""
    best = numpy.array([2, 3, 2, 0], dtype=numpy.int16).reshape(1, 1, 1, 4)

    def hits(dependent: int, head: int) -> list[bool]:
        return [bool(arc_hits(best, numpy.array([[0, dependent, head]]), d)) for d in DIRECTIONS]

    assert hits(1, 3) == [True, True, False]
    assert hits(3, 1) == [True, False, True]
    assert hits(2, 0) == [True, False, True]  # the arc from ROOT counts when ROOT attends, too
    assert hits(3, 0) == [True, True, False]
    assert hits(1, 2) == [False, False, False]


def test_a_word_alone() -> None:
    """It attends to ROOT or to itself; without both there is nothing to attend to."""
    weights = numpy.array([[0.1, 0.9], [0.4, 0.6]], dtype=numpy.float32).reshape(1, 1, 2, 2)
    rooted, bare = numpy.array([[True, True]]), numpy.array([[False, True]])
    assert best_keys(weights, rooted).tolist() == [[[1, 1]]]
    assert best_keys(weights, rooted, diagonal=False).tolist() == [[[1, 0]]]
    assert best_keys(weights, bare).tolist() == [[[-1, 1]]]
    assert best_keys(weights, bare, diagonal=False).tolist() == [[[-1, -1]]]


def test_places_do_not_overflow() -> None:
    """Sentence x nodes goes beyond the 16 bits that a node's number takes."""
    best = numpy.full((1, 1, 300, 300), -1, dtype=numpy.int16)
    best[0, 0, 299, 298] = 297
    spans = numpy.array([[299, 297, 1, 299], [298, 297, 1, 299]], dtype=numpy.int16)
    assert span_hits(best, spans).ravel().tolist() == [True, False]
    assert arc_hits(best, numpy.array([[299, 298, 297]], dtype=numpy.int16)).all()


def test_no_items_and_no_sentences() -> None:
    best = best_keys(numpy.zeros((2, 0, 3, 1, 1)), numpy.zeros((0, 1), dtype=bool))
    assert best.shape == (2, 3, 0, 1)
    assert arc_hits(best, numpy.zeros((0, 3), dtype=int)).shape == (0, 2, 3)
    assert span_hits(best, numpy.array([])).shape == (0, 2, 3)


@pytest.mark.parametrize("span", [[1, 1, 1, 1], [0, 4, 1, 1], [0, 1, 2, 1], [0, -1, 1, 1]])
def test_items_outside_are_refused(span: list[int]) -> None:
    best = numpy.zeros((1, 1, 1, 4), dtype=numpy.int16)
    with pytest.raises(ValueError, match="outside a batch of 1 sentences of 4 nodes"):
        span_hits(best, numpy.array([span]))


def test_unknown_direction() -> None:
    best = numpy.zeros((1, 1, 1, 4), dtype=numpy.int16)
    with pytest.raises(ValueError, match="'direction' is 'both': give one of either, to_head"):
        arc_hits(best, numpy.array([[0, 1, 2]]), "both")


def test_weights_that_are_not_numbers() -> None:
    weights = numpy.full((1, 1, 3, 3), 0.3)
    mask = numpy.array([[True, True, False]])
    weights[0, 0, 2] = numpy.nan  # softmax of nothing, on padding
    assert best_keys(weights, mask).tolist() == [[[0, 0, -1]]]
    weights[0, 0, 1, 1] = numpy.nan
    with pytest.raises(ValueError, match="some attention weights are not numbers"):
        best_keys(weights, mask)
    with pytest.raises(ValueError, match=r"attention \[1, 1, 3, 3\] does not fit mask \[1, 2\]"):
        best_keys(weights, mask[:, :2])
