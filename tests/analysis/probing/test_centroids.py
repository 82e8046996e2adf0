"""Nearest centroids against the loops that define them."""

from __future__ import annotations

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.analysis.probing.centroids import Centroids
from tests.analysis.probing.probe_loops import means, nearest

Items = tuple[numpy.ndarray, numpy.ndarray, int]


@st.composite
def items(draw: st.DrawFn) -> Items:
    """Vectors, small whole numbers (so that many are equal, or zero) or any; labels; how many."""
    number, labels = draw(st.integers(0, 12)), draw(st.integers(1, 5))
    layers, heads, dim = draw(st.tuples(*[st.integers(1, 3)] * 3))
    random = numpy.random.default_rng(draw(st.integers(0, 10_000)))
    shape = (number, layers, heads, dim)
    whole = random.integers(-1, 2, shape) if draw(st.booleans()) else random.normal(size=shape)
    return whole.astype(numpy.float32), random.integers(0, labels, number), labels


def centroids_of(drawn: Items) -> Centroids:
    vectors, gold, labels = drawn
    centroids = Centroids(labels, *vectors.shape[1:])
    centroids.add(vectors, gold)
    return centroids


@given(items())
def test_nearest_are_those_of_the_loops(drawn: Items) -> None:
    vectors, gold, labels = drawn
    centroids = centroids_of(drawn)
    found = centroids.nearest(vectors)
    assert found.dtype == numpy.int16 and found.shape == vectors.shape[:-1]
    for layer, head in numpy.ndindex(vectors.shape[1:3]):
        of_head = means(vectors[:, layer, head], gold.tolist(), labels)
        for label, mean in enumerate(of_head):
            wanted = numpy.zeros(vectors.shape[-1]) if mean is None else mean
            numpy.testing.assert_allclose(centroids.means[label, layer, head], wanted, atol=1e-12)
        for item, vector in enumerate(vectors[:, layer, head]):
            assert found[item, layer, head] == nearest(vector, of_head)


@given(items(), st.integers(1, 4))
def test_batch_size_changes_nothing(drawn: Items, size: int) -> None:
    vectors, gold, labels = drawn
    streamed = Centroids(labels, *vectors.shape[1:])
    for start in range(0, len(gold), size):
        streamed.add(vectors[start : start + size], gold[start : start + size])
    whole = centroids_of(drawn)
    assert streamed.counts.tolist() == numpy.bincount(gold, minlength=labels).tolist()
    numpy.testing.assert_allclose(streamed.sums, whole.sums, atol=1e-12)
    found = [streamed.nearest(vectors[n : n + size]) for n in range(0, len(gold), size)]
    numpy.testing.assert_array_equal(
        numpy.concatenate([whole.nearest(vectors[:0]), *found]), whole.nearest(vectors)
    )


@given(items(), st.randoms(use_true_random=False))
def test_permuting_heads_permutes_labels(drawn: Items, random) -> None:
    vectors, gold, labels = drawn
    layers = random.sample(range(vectors.shape[1]), vectors.shape[1])
    heads = random.sample(range(vectors.shape[2]), vectors.shape[2])
    permuted = vectors[:, layers][:, :, heads]
    numpy.testing.assert_array_equal(
        centroids_of((permuted, gold, labels)).nearest(permuted),
        centroids_of(drawn).nearest(vectors)[:, layers][:, :, heads],
    )


@given(items(), st.integers(0, 12))
def test_leaving_a_fold_out(drawn: Items, size: int) -> None:
    vectors, gold, labels = drawn
    left = centroids_of(drawn).without(centroids_of((vectors[:size], gold[:size], labels)))
    rest = centroids_of((vectors[size:], gold[size:], labels))
    assert left.counts.tolist() == rest.counts.tolist()
    numpy.testing.assert_allclose(left.sums, rest.sums, atol=1e-12)


def test_only_what_was_added_can_be_left_out() -> None:
    one, two = Centroids(1, 1, 1, 1), Centroids(1, 1, 1, 1)
    one.add(numpy.ones((1, 1, 1, 1)), numpy.array([0]))
    two.add(numpy.ones((2, 1, 1, 1)), numpy.array([0, 0]))
    with pytest.raises(ValueError, match="only items that were added can be left out"):
        one.without(two)


@given(items())
def test_lengths_do_not_matter(drawn: Items) -> None:
    """Neither of an item nor, the counts apart, of a centroid: it is the cosine that counts."""
    vectors, _, _ = drawn
    centroids = centroids_of(drawn)
    wanted = centroids.nearest(vectors)
    centroids.sums *= numpy.arange(1, len(centroids.sums) + 1)[:, None, None, None]
    numpy.testing.assert_array_equal(centroids.nearest(vectors * 1000), wanted)


def test_ties_and_zero_vectors() -> None:
    """Of labels 1 and 3, which have the same direction, and 0 and 2, which have no items."""
    centroids = Centroids(4, 1, 1, 2)
    assert centroids.nearest(numpy.ones((1, 1, 1, 2))).tolist() == [[[-1]]]
    centroids.add(numpy.array([0.1, 0.3] * 4, "f4").reshape(4, 1, 1, 2), numpy.array([3, 3, 3, 1]))
    one = numpy.array([[0.7, 0.2], [0, 0], [-1, -3]], dtype=numpy.float32).reshape(3, 1, 1, 2)
    assert centroids.nearest(one).ravel().tolist() == [1, 1, 1]
    # a centroid of zeros has cosine 0, which is better than -1
    centroids.add(numpy.array([[1, 2], [-1, -2]], "f4").reshape(2, 1, 1, 2), numpy.array([2, 2]))
    assert centroids.nearest(one).ravel().tolist() == [1, 1, 2]


def test_bad_items() -> None:
    centroids = Centroids(2, 1, 1, 2)
    one = numpy.ones((1, 1, 1, 2))
    for label in (-1, 2):
        with pytest.raises(ValueError, match="labels are numbers from 0 to 1"):
            centroids.add(one, numpy.array([label]))
    with pytest.raises(ValueError, match=r"vectors \[1, 1, 1, 2\] are not \[2 items"):
        centroids.add(one, numpy.array([0, 1]))
    centroids.add(one, numpy.array([0]))
    for call in (lambda bad: centroids.add(bad, numpy.array([0])), centroids.nearest):
        with pytest.raises(ValueError, match="some vectors of the heads are not numbers"):
            call(one * numpy.nan)
    assert centroids.counts.tolist() == [1, 0]
