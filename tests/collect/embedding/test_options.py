"""Options of embeddings, and what is said of those that make no sense."""

from __future__ import annotations

import argparse
import json
import shlex
from typing import Any

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect.embedding import EmbeddingOptions
from allennlp_heads.commands.embed import Embed


def test_from_a_configuration() -> None:
    given = {"kinds": ["heads", "heads"], "components": ["pooled", "value.bias$"], "examples": 5}
    options = EmbeddingOptions.from_params(Params(json.loads(json.dumps(given))))
    assert options.kinds == ("heads",) and options.patterns == ["value.bias$"]
    assert options == EmbeddingOptions(**{**given, "kinds": ["heads"]})
    assert EmbeddingOptions(**json.loads(json.dumps(options.as_dict()))) == options
    assert EmbeddingOptions.from_params(Params({})) == EmbeddingOptions()


def test_flags_are_those_of_the_verb() -> None:
    assert EmbeddingOptions().flags() == []
    options = EmbeddingOptions(
        kinds=("task",),
        examples=None,
        components=("pooled", "value.bias$"),
        draws=2,
        labels="sampled",
        batch_size=4,
    )
    flags = options.flags()
    parser = argparse.ArgumentParser()
    Embed().add_arguments(parser)
    args = parser.parse_args(shlex.split(" ".join(["model.tar.gz", "-o", "out", *flags])))
    assert args.kind == ["task"] and args.component == ["pooled", "value.bias$"]
    assert args.examples is None and (args.labels, args.draws, args.batch_size) == ("sampled", 2, 4)
    assert len(flags) == 7


@pytest.mark.parametrize(
    "given, message",
    [
        ({"kinds": ["texts"]}, "'kinds' is 'texts': choose one of text, task, heads"),
        ({"kinds": []}, r"'kinds' is \[\]: give a list of names"),
        ({"components": "pooled"}, "'components' is 'pooled': give a list"),
        ({"mode": "fisher"}, "'mode' is 'fisher': choose one of per_example"),
        ({"labels": "none"}, "'labels' is 'none'"),
        ({"loss": "mean"}, "'loss' is 'mean': choose one of unit, sum"),
        ({"examples": 0}, "'examples' is 0: give at least 1"),
        ({"seed": -1}, "'seed' is -1: give at least 0"),
        ({"draws": 3}, "'draws' is 3, but the labels are 'gold'"),
        ({"labels": "expected", "mode": "batch_sum"}, "but the mode is 'batch_sum'"),
    ],
)
def test_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        EmbeddingOptions(**given)
