"""Heads that a configuration removes from the encoder."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from allennlp.common import Lazy, Params
from allennlp.common.checks import ConfigurationError
from allennlp.modules import Backbone, TokenEmbedder

import tests.tiny as tiny
from allennlp_heads.gates import FixedGates, HardConcreteGates, OpenGates
from allennlp_heads.modules import GatedEncoder

REMOVED = {1: [0, 1, 2, 3], 0: [3, 1]}
MASK = [[1, 0, 1, 0], [0] * 4, [1] * 4]


def vectors(encoder: Any) -> torch.Tensor:
    batch = tiny.batch("bert")
    with torch.no_grad():
        mask = batch["attention_mask"].bool()
        return encoder.eval()(batch["input_ids"], mask)[mask]


@pytest.mark.parametrize("base", [Backbone, TokenEmbedder])
def test_removed_by_configuration(base: Any, tiny_bert: str) -> None:
    removed = json.loads(json.dumps(REMOVED))  # whose keys are strings
    config = {
        "type": "gated_transformer",
        "transformer_model": tiny_bert,
        "gates": "hard_concrete",
        "removed_heads": removed,
    }
    encoder = base.from_params(Params(config)).encoder
    assert encoder.kept_heads == [[0, 2], [], [0, 1, 2, 3]]
    assert encoder.heads == [2, 0, 4] and encoder.config.pruned_heads == {}
    assert encoder.gates.mask.sum(dim=1).tolist() == [2, 0, 4]
    masked = GatedEncoder(tiny_bert, Lazy(FixedGates, mask=MASK))
    torch.testing.assert_close(vectors(encoder), vectors(masked), atol=1e-5, rtol=1e-5)


def test_removed_in_steps_by_the_first_numbering(tiny_bert: str) -> None:
    encoder = GatedEncoder(tiny_bert, Lazy(HardConcreteGates), removed_heads={0: [1]})
    encoder.remove_heads({1: range(4), 0: {3}})
    assert encoder.kept_heads == [[0, 2], [], [0, 1, 2, 3]]
    assert isinstance(encoder.gates, OpenGates) and encoder.gates.mask.sum() == 6
    at_once = GatedEncoder(tiny_bert, removed_heads=REMOVED)
    assert torch.equal(vectors(encoder), vectors(at_once))


@pytest.mark.parametrize(
    "removed, message",
    [
        ({3: [0]}, "layer 3 has no heads"),
        ({-1: [0]}, "layer -1 has no heads"),
        ({0: [4]}, r"no heads \[4\] to remove, only \[0, 1, 2, 3\]"),
        ({layer: [0, 1, 2, 3] for layer in range(3)}, "every head"),
        ({"first": [0]}, "give lists of heads by layer"),
        ({0: 1}, "give lists of heads by layer"),
        ([[0, 1]], "give lists of heads by layer"),
    ],
)
def test_what_cannot_be_removed(removed: Any, message: str, tiny_bert: str) -> None:
    with pytest.raises(ConfigurationError, match=f"'removed_heads'.*{message}"):
        GatedEncoder(tiny_bert, removed_heads=removed)


def test_nothing_is_removed_by_halves(tiny_bert: str) -> None:
    encoder = GatedEncoder(tiny_bert, removed_heads={0: [1]})
    before = vectors(encoder)
    with pytest.raises(ConfigurationError, match=r"no heads \[1\] to remove, only \[0, 2, 3\]"):
        encoder.remove_heads({2: [0], 0: [1]})
    assert encoder.heads == [3, 4, 4] and torch.equal(vectors(encoder), before)


def test_encoders_that_cannot_shrink(tmp_path: Any) -> None:
    folder = tiny.encoder_folder(tmp_path, "albert")
    assert GatedEncoder(folder, removed_heads={}).heads == [4, 4, 4]
    with pytest.raises(ConfigurationError, match="'removed_heads'.*share one set of weights"):
        GatedEncoder(folder, removed_heads={0: [1]})
