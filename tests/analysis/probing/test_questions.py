"""Which options of two probes must be equal for a comparison of them to mean anything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from allennlp_heads.analysis.probing import ProbeResult, compare_probes
from allennlp_heads.analysis.probing.questions import unlike
from allennlp_heads.collect.probing.options import KINDS, ProbeOptions
from tests.reports.probing.results import probe_result

PLAIN = probe_result()
SAMPLES = {
    "fit": {"sentences": 20, "items": 210},
    "choice": {"sentences": 20, "items": 190},
    "score": {"sentences": 40, "items": 400},
}


def asked(kind: str = "dependency", samples: Any = SAMPLES, **options: Any) -> ProbeResult:
    told = {**ProbeOptions().as_dict(), "kind": kind, "division": "held out", **options}
    return replace(PLAIN, kind=kind, options=told, samples=samples)


CHANGED: dict[str, Any] = {
    "direction": "to_head",
    "diagonal": False,
    "span_words": "first",
    "phrases": "all",
    "held_out": False,
    "division": "cross-fitting",
    "sentences": 100,
    "folds": 3,
    "seed": 7,
    "control": False,
    "random_weights": 0,
    "statistics": True,
    "trees": False,
    "rare": 5,
    "draws": 9,
    "examples": 2,
    "batch_size": 1,
    "max_offset": 2,
}
ALWAYS = {"held_out", "division", "sentences"}
MATTER = {
    "tagger": ALWAYS,
    "span_ner": ALWAYS,
    "constituency": ALWAYS | {"phrases"},
    "dependency": ALWAYS | {"direction", "diagonal"},
    "srl": ALWAYS | {"direction", "diagonal", "span_words"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_options_that_change_the_question(kind: str) -> None:
    plain = asked(kind)
    assert set(CHANGED) == set(plain.options) - {"kind", "head_words"}
    for name, value in CHANGED.items():
        found = unlike(plain, asked(kind, **{name: value}))
        if name in MATTER[kind]:
            assert found == (name, plain.options[name], value)
        else:
            assert found is None, name


@pytest.mark.parametrize("name, value", [("folds", 3), ("seed", 7)])
def test_folds_are_drawn_by_their_number_and_the_seed(name: str, value: int) -> None:
    crossed = {"division": "cross-fitting"}
    found = unlike(asked(**crossed), asked(**crossed, **{name: value}))
    assert found is not None and found == (name, asked().options[name], value)


def test_a_limit_is_drawn_by_the_seed() -> None:
    assert unlike(asked(sentences=50), asked(sentences=50, seed=7)) == ("seed", 0, 7)


def test_halves_are_drawn_by_the_seed() -> None:
    halves = {**SAMPLES, "fit": SAMPLES["choice"], "choice": SAMPLES["fit"]}
    assert unlike(asked("tagger"), asked("tagger", halves, seed=7)) == ("seed", 0, 7)
    assert unlike(asked("tagger"), asked("tagger", halves)) is None


def test_other_sentences_to_choose_by() -> None:
    fewer = {**SAMPLES, "choice": {"sentences": 19, "items": 190}}
    assert unlike(asked(), asked(samples=fewer)) == ("choice sentences", 20, 19)


def test_what_a_result_does_not_say_does_not_count() -> None:
    silent = replace(PLAIN, options={}, samples={})
    assert unlike(silent, asked(direction="to_head")) is None


@pytest.mark.parametrize("group, place", [("A", 2), ("B", 1)])
def test_a_comparison_names_the_option_and_both_values(group: str, place: int) -> None:
    groups = {"A": [asked(), asked(random_weights=0)], "B": [asked(control=False)]}
    compare_probes(groups, "A", rounds=5)
    groups[group][place - 1] = asked(direction="to_head")
    message = (
        f"run {place} of '{group}' was asked something else than the first of 'A': 'direction' is "
        "'to_head' and not 'either'"
    )
    with pytest.raises(ValueError, match=message):
        compare_probes(groups, "A", rounds=5)
