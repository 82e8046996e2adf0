"""Statistics of attention against the loops that define them."""

from __future__ import annotations

import numpy
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from allennlp_heads.analysis.probing.attention_statistics import AttentionStatistics, gold_masses
from tests.analysis.probing import probe_loops
from tests.analysis.probing.batches import DIRECTION, Batch, batches


def statistics_of(batch: Batch, direction: str = "either") -> dict[str, list[numpy.ndarray]]:
    layers, _, heads, _, _ = batch.attention.shape
    found = AttentionStatistics([heads] * layers, direction)
    count(found, batch)
    return found.means()


def count(statistics: AttentionStatistics, batch: Batch) -> None:
    for layer, attention in enumerate(batch.attention):
        statistics.add(layer, attention, batch.mask, batch.arcs)


@given(batches())
def test_means_are_those_of_the_loops(batch: Batch) -> None:
    found = statistics_of(batch)
    for layer, head in numpy.ndindex(batch.attention.shape[0], batch.attention.shape[2]):
        maps = [weights.copy() for weights in batch.maps(layer, head)]
        for weights in maps:
            weights[:, 0] *= batch.rooted
        if not any(weights[1:, 1:].any() for weights in maps):
            assert numpy.isnan(found["mean_offset"][layer][head])
            continue
        for name, wanted in probe_loops.statistics(maps).items():
            assert found[name][layer][head] == pytest.approx(wanted, rel=1e-5, abs=1e-6), name


@given(batches(), DIRECTION)
def test_distance_to_gold_is_that_of_the_loops(batch: Batch, direction: str) -> None:
    found = statistics_of(batch, direction)["distance_to_gold"]
    for layer, attention in enumerate(batch.attention):
        arcs = gold_masses(attention, batch.arcs, direction)
        spans = gold_masses(attention, batch.spans, direction)
        for head in range(attention.shape[1]):
            maps = batch.maps(layer, head)
            of_arcs = [
                probe_loops.gold_mass(maps[sentence], governor, word, word, direction)
                for sentence, word, governor in batch.arcs.tolist()
            ]
            of_spans = [
                probe_loops.gold_mass(maps[sentence], predicate, first, last, direction)
                for sentence, predicate, first, last in batch.spans.tolist()
            ]
            numpy.testing.assert_allclose(arcs[:, head], of_arcs, rtol=1e-6)
            numpy.testing.assert_allclose(spans[:, head], of_spans, rtol=1e-6)
            mean = 1 - sum(of_arcs) / len(of_arcs) if of_arcs else numpy.nan
            numpy.testing.assert_allclose(found[layer][head], mean, rtol=1e-6)


@given(batches(), DIRECTION, st.integers(1, 4))
def test_padding_and_batch_size_change_nothing(batch: Batch, direction: str, size: int) -> None:
    layers, sentences, heads, _, _ = batch.attention.shape
    parts = AttentionStatistics([heads] * layers, direction)
    for start in range(0, sentences, size):
        count(parts, batch.cut(slice(start, start + size)))
    whole = statistics_of(batch, direction)
    for name, values in parts.means().items():
        numpy.testing.assert_allclose(values, whole[name], rtol=1e-6, atol=1e-9, err_msg=name)


@given(batches(), st.randoms(use_true_random=False))
def test_permuting_heads_permutes_means(batch: Batch, random) -> None:
    heads = random.sample(range(batch.attention.shape[2]), batch.attention.shape[2])
    whole = statistics_of(batch)
    batch.attention = batch.attention[:, :, heads]
    for name, values in statistics_of(batch).items():
        wanted = [of_layer[heads] for of_layer in whole[name]]
        numpy.testing.assert_allclose(values, wanted, rtol=1e-6, atol=1e-9, err_msg=name)


@given(st.integers(2, 30))
def test_known_maps(words: int) -> None:
    """One head attends everywhere alike, one to the next word, one to no node at all."""
    nodes = words + 1
    attention = numpy.zeros((1, 3, nodes, nodes), dtype=numpy.float32)
    attention[0, 0] = 1 / nodes
    attention[0, 1, range(words), range(1, nodes)] = 1
    attention[0, 1, words, words] = 1
    statistics = AttentionStatistics([3])
    arcs = numpy.array([[0, node, node + 1] for node in range(1, words)])
    statistics.add(0, attention, numpy.ones((1, nodes), dtype=bool), arcs)
    found = {name: values[0] for name, values in statistics.means().items()}
    numpy.testing.assert_allclose(found["entropy"], [numpy.log(nodes), 0, 0], atol=1e-5)
    numpy.testing.assert_allclose(found["special_share"], [1 / nodes, 0, 1], atol=1e-6)
    numpy.testing.assert_allclose(found["distance_to_gold"], [1 - 1 / nodes, 0, 1], atol=1e-6)
    numpy.testing.assert_allclose(found["mean_offset"][:2], [0, (words - 1) / words], atol=1e-6)
    assert found["mean_distance"][1] == pytest.approx((words - 1) / words)
    assert numpy.isnan(found["mean_offset"][2])


@given(batches())
def test_layers_may_have_lost_heads(batch: Batch) -> None:
    assume(batch.attention.shape[0] > 1)
    heads = batch.attention.shape[2]
    statistics = AttentionStatistics([heads - 1, heads])
    statistics.add(0, batch.attention[0, :, 1:], batch.mask)
    statistics.add(1, batch.attention[1], batch.mask)
    whole = statistics_of(batch)
    for name, (first, second) in statistics.means().items():
        if name != "distance_to_gold":  # there is no gold here
            numpy.testing.assert_array_equal(first, whole[name][0][1:])
            numpy.testing.assert_array_equal(second, whole[name][1])
        else:
            assert numpy.isnan([*first, *second]).all()


def test_unknown_direction() -> None:
    with pytest.raises(ValueError, match="'direction' is 'both'"):
        AttentionStatistics([1], "both")
