"""Names, numbers and p-values of reports."""

from __future__ import annotations

import pytest

from allennlp_heads.reports.markup import p_number, p_text, plural, shorten, shown_name


def test_shorten() -> None:
    assert shorten("short") == "short" and len(shorten("x" * 99)) == 24


def test_names_are_no_formulas_and_stay_in_legends() -> None:
    assert shown_name(",", 5) == "[,]" and shown_name("_SP", 5) == "[_SP]"
    assert shown_name("$x$", 5) == r"\$x\$" and shown_name("abcdef", 5) == "abcd…"


@pytest.mark.parametrize(
    ("p_value", "number", "words"),
    [
        (0.0123, "0.012", ["p", "=", "0.012"]),
        (1e-4, "0.0001", ["p", "=", "0.0001"]),
        (1e-30, "< 0.0001", ["p", "<", "0.0001"]),
        (1, "1", ["p", "=", "1"]),
    ],
)
def test_small_p_values_are_not_spelt_out(p_value: float, number: str, words: list[str]) -> None:
    assert p_number(p_value) == number and p_text(p_value).split() == words
    assert " " not in p_text(p_value)


def test_plural() -> None:
    assert [plural(count, "run") for count in (0, 1, 2)] == ["0 runs", "1 run", "2 runs"]
