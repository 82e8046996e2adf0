"""Names out of data inside sentences."""

from __future__ import annotations

import pytest

from allennlp_heads.reports.page.sections.names import isolated, listed


@pytest.mark.parametrize("name", ["שלום", "dep משימה", "مهمة", "right\u202eto left"])
def test_names_that_are_read_from_the_right_stand_alone(name: str) -> None:
    assert isolated(name) == f"\u2068{name}\u2069"


@pytest.mark.parametrize("name", ["", "dep", "Größe 3", "词性", "👩‍🔬", "{{ 7 * 7 }}"])
def test_other_names_stay_as_they_are(name: str) -> None:
    assert isolated(name) == name


def test_a_list_keeps_its_order() -> None:
    assert listed(["משימה", "pos", "שלום"]) == "\u2068משימה\u2069, pos, \u2068שלום\u2069"
    assert listed([]) == ""
