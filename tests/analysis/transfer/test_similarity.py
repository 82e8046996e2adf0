"""Cosines of embeddings, against scipy's and against exact fractions."""

from __future__ import annotations

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cosine as distance

from allennlp_heads.analysis.transfer import cosine, similarities, without_direction


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5))
def test_as_scipy_has_it(seed: int, size: int) -> None:
    one, other = numpy.random.default_rng(seed).normal(size=(2, size, 3))
    assert cosine(one, other) == pytest.approx(1 - distance(one.ravel(), other.ravel()))
    assert cosine(one, other) == cosine(other, one)


@pytest.mark.parametrize("scale", [1e-200, 1e-30, 1e200])
def test_neither_tiny_nor_huge_entries_vanish(scale: float) -> None:
    """3 / (sqrt(2) sqrt(5)) by hand; the squares of such entries are 0 or infinite."""
    found = cosine(numpy.array([1.0, 1.0]) * scale, numpy.array([1.0, 2.0]) * scale)
    assert found == pytest.approx(3 / 10**0.5, rel=1e-14)


def test_float32_is_computed_in_float64() -> None:
    one, other = numpy.random.default_rng(0).random((2, 1000), dtype=numpy.float32)
    exact = 1 - distance(one.astype(float), other.astype(float))
    assert cosine(one, other) == pytest.approx(exact, rel=1e-14)


def test_components_that_a_task_lacks_and_zeros() -> None:
    vectors = {
        "nli": {"text": numpy.array([1.0, 0.0]), "pooled": numpy.array([1.0, 1.0])},
        "pos": {"text": numpy.array([1.0, 1.0])},
        "qa": {"text": numpy.zeros(2), "pooled": numpy.array([-1.0, -1.0])},
    }
    found = similarities(vectors)
    half, nan = 0.5**0.5, numpy.nan
    assert list(found) == ["text", "pooled"]
    wanted = [[1, half, nan], [half, 1, nan], [nan, nan, nan]]
    numpy.testing.assert_allclose(found["text"], wanted)
    wanted = [[1, nan, -1], [nan, nan, nan], [-1, nan, 1]]
    numpy.testing.assert_allclose(found["pooled"], wanted)
    assert without_direction(vectors) == [("qa", "text")]


@settings(deadline=None)
@given(st.integers(0, 10**6), st.floats(1e-6, 1e6))
def test_a_task_is_like_itself_at_any_scale(seed: int, scale: float) -> None:
    one, other = numpy.random.default_rng(seed).random((2, 4, 3))
    table = similarities({"a": {"x": one}, "b": {"x": other}, "c": {"x": one * scale}})["x"]
    assert numpy.diagonal(table).tolist() == [1, 1, 1]
    assert table[0, 2] == pytest.approx(1) and table[2, 1] == pytest.approx(table[0, 1])
    assert (table >= -1).all() and (table <= 1).all()


def test_other_shapes_are_named() -> None:
    vectors = {"nli": {"pooled": numpy.ones(3)}, "qa": {"pooled": numpy.ones(4)}}
    with pytest.raises(ValueError, match=r"'pooled' is \[3\] for task 'nli' and \[4\] for task 'q"):
        similarities(vectors)


def test_what_is_no_number_is_named() -> None:
    vectors = {"nli": {"text": numpy.ones(2)}, "qa": {"text": numpy.array([1, numpy.nan])}}
    with pytest.raises(ValueError, match="'text' of task 'qa' has entries"):
        similarities(vectors)
