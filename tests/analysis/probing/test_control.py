"""Random labels of word forms."""

from __future__ import annotations

import numpy
import pytest
from scipy import stats

from allennlp_heads.analysis.probing import control_labels

FORMS = [f"word{number}" for number in range(4000)]


def test_a_form_always_has_the_same_label() -> None:
    frequencies = numpy.array([5, 3, 2])
    there = control_labels(["dog", "cat", "dog", "eel"], frequencies, 0)
    assert there[0] == there[2]
    other_role = control_labels(["eel", "a new word", "dog"], frequencies, 0)
    assert (other_role[0], other_role[2]) == (there[3], there[0])


def test_other_seeds_give_other_labels() -> None:
    frequencies = numpy.array([1, 1])
    first, second = (control_labels(FORMS, frequencies, seed) for seed in (0, 1))
    assert 0.45 < (first == second).mean() < 0.55


def test_labels_are_as_frequent_as_the_real_ones() -> None:
    frequencies = numpy.array([70, 0, 25, 5])
    found = numpy.bincount(control_labels(FORMS, frequencies, 3), minlength=4)
    assert found[1] == 0
    expected = len(FORMS) * frequencies[[0, 2, 3]] / 100
    assert stats.chisquare(found[[0, 2, 3]], expected).pvalue > 0.001


def test_other_processes_draw_the_same() -> None:
    forms = ["a", "b", "ü", "\ud800", "c", "d"]
    assert control_labels(forms, numpy.array([1, 2, 3]), 7).tolist() == [1, 2, 1, 1, 1, 2]


def test_nothing_to_draw_from_is_refused() -> None:
    with pytest.raises(ValueError, match="no labels"):
        control_labels(["a"], numpy.zeros(3, int), 0)
