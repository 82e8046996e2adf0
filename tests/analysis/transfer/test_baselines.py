"""Rankings by the source alone."""

from __future__ import annotations

import math

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allennlp_heads.analysis.transfer import curve_gradient, of_sources


def test_the_same_for_every_target() -> None:
    found = of_sources({"nli": 393.0, "qa": 88.0}, ["qa", "pos", "nli"])
    numpy.testing.assert_array_equal(found, [[88] * 3, [math.nan] * 3, [393] * 3])


def test_only_the_late_curve_counts() -> None:
    """From half of the training on: 0.8, 0.85 and 0.9 at a half, three quarters and the end."""
    curve = [[25, 0.1], [50, 0.8], [75, 0.85], [100, 0.9]]
    assert curve_gradient(curve) == pytest.approx(0.2)
    assert curve_gradient([[10, 0.0], [20, 0.4], [100, 0.8]]) == pytest.approx(0.5)


def test_a_curve_needs_two_points() -> None:
    assert math.isnan(curve_gradient([])) and math.isnan(curve_gradient([[10, 0.5]]))
    with pytest.raises(ValueError, match="must ascend"):
        curve_gradient([[10, 0.5], [10, 0.6]])


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=9), st.floats(1, 1e4))
def test_least_squares_is_numpys(scores: list[float], every: float) -> None:
    updates = every * numpy.arange(1, len(scores) + 1)
    share = updates / updates[-1]
    late = slice(min(len(scores) - 2, int((share < 0.5).sum())), None)
    wanted = numpy.polyfit(share[late], numpy.array(scores)[late], 1)[0]
    found = curve_gradient(list(zip(updates, scores)))
    assert found == pytest.approx(wanted, abs=1e-9)
