"""Masks of sources, and what of them was measured."""

from __future__ import annotations

import numpy
import pytest

from allennlp_heads.analysis.transfer import allowed_sources, coverage

CLASSES = ["labelling", "questions", "labelling", "labelling"]


def test_no_task_is_its_own_source() -> None:
    assert (allowed_sources(CLASSES) == ~numpy.eye(4, dtype=bool)).all()


def test_within_the_class_of_the_target() -> None:
    allowed = allowed_sources(CLASSES, within=True)
    assert numpy.argwhere(allowed).tolist() == [[0, 2], [0, 3], [2, 0], [2, 3], [3, 0], [3, 2]]


def test_what_is_missing_is_said() -> None:
    performance = numpy.full((4, 4), 50.0)
    numpy.fill_diagonal(performance, numpy.nan)
    performance[3, 0] = performance[1, 3] = numpy.nan
    found = coverage(performance, allowed_sources(CLASSES, within=True))
    assert found.missing == [(3, 0)]  # the other one is of another class
    assert found.left_out == [0, 1]
    assert numpy.argwhere(found.candidates).tolist() == [[0, 2], [0, 3], [2, 3], [3, 2]]


def test_bad_matrices() -> None:
    with pytest.raises(ValueError, match=r"performance \[4, 3\] and allowed \[4, 4\]"):
        coverage(numpy.ones((4, 3)), allowed_sources(CLASSES))
    with pytest.raises(ValueError, match="nan where nothing was measured"):
        coverage(numpy.full((4, 4), numpy.inf), allowed_sources(CLASSES))
