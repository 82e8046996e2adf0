"""JSON inside of a page stays inside, and is JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.reports.page.page_json import page_json


@given(st.recursive(st.text() | st.floats() | st.none(), lambda inner: st.lists(inner, max_size=3)))
def test_json_of_a_page_is_json_and_cannot_leave_its_element(value: Any) -> None:
    text = page_json({"value": value})
    assert not set("<>&\u2028\u2029") & set(text)
    json.loads(text, parse_constant=pytest.fail)


def test_numbers_are_short_and_those_that_are_not_finite_are_null() -> None:
    values = numpy.array([1 / 3, numpy.nan, numpy.inf, 2.0, 123456.7])
    assert page_json(values) == "[0.33333,null,null,2,123460]"
