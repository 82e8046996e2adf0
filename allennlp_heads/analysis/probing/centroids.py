"""Nearest centroids of what heads attend to (He and Choi 2021, *The Stem Cell Hypothesis*)."""

from __future__ import annotations

import numpy
from numpy.typing import NDArray

# Cosines of equal directions differ by the rounding of float64, some 1e-16.
_EQUAL = 1e-9

_Floats = NDArray[numpy.floating]
_Ints = NDArray[numpy.integer]


class Centroids:
    """
    For each head the mean vector of each label's items, found from sums: items come in batches and
    are not kept.

    # Parameters

    labels : `int`
        How many there are.
    layers : `int`
    heads : `int`
        Of a layer.
    dim : `int`
        Of the vector that a head gives of an item.
    """

    def __init__(self, labels: int, layers: int, heads: int, dim: int) -> None:
        self.counts = numpy.zeros(labels, dtype=numpy.int64)
        self.sums = numpy.zeros((labels, layers, heads, dim))

    def add(self, vectors: _Floats, labels: _Ints) -> None:
        """
        Count in some items.

        # Parameters

        vectors : `numpy.ndarray`
            `[items, layers, heads, dim]`.
        labels : `numpy.ndarray`
            `[items]`, numbers from 0.

        Raises `ValueError` for labels that do not exist and for vectors that are not numbers.
        """
        labels = numpy.asarray(labels, dtype=numpy.int64).reshape(-1)
        vectors = self._checked(vectors, len(labels))
        if len(labels) and not 0 <= labels.min() <= labels.max() < len(self.counts):
            raise ValueError(f"labels are numbers from 0 to {len(self.counts) - 1}")
        for label in numpy.unique(labels):
            self.sums[label] += vectors[labels == label].sum(axis=0, dtype=numpy.float64)
        self.counts += numpy.bincount(labels, minlength=len(self.counts))

    def without(self, other: Centroids) -> Centroids:
        """The centroids without the items of `other`, all of which have been counted in here."""
        left = Centroids(*self.sums.shape)
        left.counts = self.counts - other.counts
        if (left.counts < 0).any():
            raise ValueError("only items that were added can be left out")
        # What rounding leaves of a label without items is no direction.
        left.sums = (self.sums - other.sums) * (left.counts > 0)[:, None, None, None]
        return left

    @property
    def means(self) -> NDArray[numpy.float64]:
        """The centroids, `[labels, layers, heads, dim]`; 0 for labels without items."""
        return self.sums / numpy.maximum(self.counts, 1)[:, None, None, None]

    def nearest(self, vectors: _Floats) -> NDArray[numpy.int16]:
        """
        The label whose centroid is nearest to each item by cosine, for each head alone.

        # Parameters

        vectors : `numpy.ndarray`
            `[items, layers, heads, dim]`.

        # Returns

        `numpy.ndarray`
            `[items, layers, heads]`, `int16`. Labels without items are never chosen; of cosines
            that are equal up to 1e-9 the first label is. A vector of zeros has cosine 0 with all.
            -1 where no label has items.

        Raises `ValueError` for vectors that are not numbers.
        """
        vectors = self._checked(vectors, len(vectors))
        (known,) = self.counts.nonzero()
        found = numpy.full(vectors.shape[:-1], -1, dtype=numpy.int16)
        if not len(known):
            return found
        # [layers, heads, dim, labels]; a layer at a time keeps what is in float64 small
        directions = _unit(self.sums[known]).transpose(1, 2, 3, 0)
        for layer, of_layer in enumerate(directions):
            items = _unit(vectors[:, layer].astype(numpy.float64)).swapaxes(0, 1)
            cosines = items @ of_layer
            near = cosines >= cosines.max(-1, keepdims=True) - _EQUAL
            found[:, layer] = known[near.argmax(-1)].T
        return found

    def _checked(self, vectors: _Floats, items: int) -> _Floats:
        vectors = numpy.asarray(vectors)
        if vectors.shape != (items, *self.sums.shape[1:]):
            raise ValueError(
                f"vectors {list(vectors.shape)} are not [{items} items, layers, heads, dim] as in "
                f"{list(self.sums.shape[1:])}"
            )
        if not numpy.isfinite(vectors).all():
            raise ValueError("some vectors of the heads are not numbers")
        return vectors


def _unit(vectors: NDArray[numpy.float64]) -> NDArray[numpy.float64]:
    """Vectors of length 1; a vector of zeros stays."""
    norms = numpy.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / numpy.where(norms > 0, norms, 1)
