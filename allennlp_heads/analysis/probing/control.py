"""
The control task of Hewitt and Liang 2019, *Designing and Interpreting Probes with Control Tasks*:
every word form has a random label, always the same. What finds these as well as the real ones says
nothing about the labels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy


def control_labels(types: Sequence[str], frequencies: numpy.ndarray, seed: int) -> numpy.ndarray:
    """
    A label for each item, drawn for its type from the distribution of the real labels. It depends
    on the type, the distribution and the seed alone, so that all roles of the data agree when they
    are given the same distribution.

    # Parameters

    types : `Sequence[str]`
        Of each item: the word form; of a span its words, of an arc the form of the dependent, of an
        argument its words.
    frequencies : `numpy.ndarray`
        `[labels]`: how often each label stands in the data that is not scored (with cross-fitting,
        in all data).
    seed : `int`

    # Returns

    `numpy.ndarray`
        `[items]`, `int`. No item gets a label of frequency 0.

    Raises `ValueError` when all frequencies are 0.
    """
    ends = numpy.cumsum(numpy.asarray(frequencies, dtype=numpy.int64))
    if not len(ends) or ends[-1] == 0:
        raise ValueError("there are no labels to draw from")
    drawn = {form: _number(form, seed) % int(ends[-1]) for form in set(types)}
    places = numpy.array([drawn[form] for form in types], dtype=numpy.int64)
    return numpy.searchsorted(ends, places, side="right")


def _number(form: str, seed: int) -> int:
    """64 bits that look random; Python's own hash differs from process to process."""
    digest = hashlib.blake2b(f"{seed}\n{form}".encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "big")
