"""What may be asked of a probe."""

from __future__ import annotations

from typing import Any

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect.probing.options import ARC_KINDS, KINDS, ProbeOptions


def test_from_params_and_back() -> None:
    given = {"kind": "srl", "span_words": "head", "head_words": "*.conllu", "sentences": 5}
    options = ProbeOptions.from_params(Params(dict(given)))
    assert options.changed() == given
    assert ProbeOptions(**options.as_dict()) == options
    assert ProbeOptions().changed() == {}


def test_unknown_names_are_told_the_known() -> None:
    with pytest.raises(ConfigurationError, match="no options foo: those of probes are kind, dir"):
        ProbeOptions.from_params(Params({"foo": 1, "folds": 3}))


@pytest.mark.parametrize("kind", KINDS)
def test_attention_is_looked_at_only_where_needed(kind: str) -> None:
    """Centroids do without it unless statistics are asked for."""
    arcs = kind in ARC_KINDS
    assert ProbeOptions().records_attention(kind) == ProbeOptions().describes_heads(kind) == arcs
    asked, declined = ProbeOptions(statistics=True), ProbeOptions(statistics=False)
    assert asked.records_attention(kind) and asked.describes_heads(kind)
    assert declined.records_attention(kind) == arcs and not declined.describes_heads(kind)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "pos"}, "'kind' is 'pos': choose one of tagger, span_ner"),
        ({"direction": "both"}, "'direction' is 'both'"),
        ({"span_words": "some"}, "'span_words' is 'some'"),
        ({"phrases": "NP"}, "'phrases' is 'NP': choose one of lowest, all"),
        ({"folds": 2}, "'folds' is 2: give at least 3"),
        ({"sentences": 0}, "'sentences' is 0"),
        ({"random_weights": -1}, "'random_weights' is -1: give at least 0"),
        ({"span_words": "head"}, "need each other"),
        ({"head_words": "a.conllu"}, "need each other"),
        ({"max_offset": 101}, "'max_offset' is 101: give at most 100"),
        ({"sentences": True}, "'sentences' is true: give a whole number"),
        ({"random_weights": 1.5}, "'random_weights' is 1.5: give a whole number"),
        ({"rare": float("nan")}, "'rare' is NaN: give a whole number"),
        ({"trees": 1}, "'trees' is 1: give true or false"),
        ({"kind": 3}, "'kind' is 3: give a text"),
    ],
)
def test_values_that_do_not_do(options: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        ProbeOptions(**options)
