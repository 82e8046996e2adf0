"""Random weights: everywhere, repeatable, and gone without a trace."""

from __future__ import annotations

import random
from pathlib import Path

import numpy
import pytest
import torch

import tests.tiny as tiny
from allennlp_heads.collect import existing_heads, undisturbed, word_heads
from allennlp_heads.collect.random_encoder import random_weights
from allennlp_heads.modules import GatedEncoder
from tests.collect.sentences import SENTENCES, tokens_of


def state(encoder: GatedEncoder) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in encoder.state_dict().items()}


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


@pytest.mark.parametrize("model_type", tiny.MODEL_TYPES)
def test_all_weights_are_new_and_the_old_ones_come_back(model_type: str, tmp_path: Path) -> None:
    encoder = GatedEncoder(tiny.encoder_folder(tmp_path, model_type))
    encoder.to(torch.float32 if model_type == "modernbert" else torch.float64)
    tokens = tokens_of(str(tmp_path), SENTENCES)
    before, config = state(encoder), encoder.config.to_dict()
    learn = {name: p.requires_grad for name, p in encoder.named_parameters()}
    transformer, tap, mode = encoder.transformer, encoder.tap, encoder.transformer.training
    with random_weights(encoder, 7):
        drawn = state(encoder)
        assert drawn.keys() == before.keys()
        assert all(drawn[key].dtype == before[key].dtype for key in before)
        same = {key for key in before if torch.equal(drawn[key], before[key])}
        # parameters of a norm start from the same ones and zeros in every encoder
        assert all("norm" in key.lower() or "position_ids" in key for key in same), same
        assert encoder.transformer.training == mode
        with torch.no_grad():
            found = word_heads(encoder, tokens, attention=True)
        assert all(torch.isfinite(layer).all() for layer in found.attention)
    assert encoder.transformer is transformer and encoder.tap is tap
    assert equal(state(encoder), before) and encoder.config.to_dict() == config
    assert {name: p.requires_grad for name, p in encoder.named_parameters()} == learn


def test_a_seed_is_one_encoder_and_leaves_the_generators_alone(tiny_bert: str) -> None:
    encoder = GatedEncoder(tiny_bert)
    drawn = []
    generators = (random.getstate(), numpy.random.get_state()[1].tolist(), torch.get_rng_state())
    for seed in (1, 1, 2):
        with random_weights(encoder, seed):
            drawn.append(state(encoder))
    assert equal(drawn[0], drawn[1]) and not equal(drawn[0], drawn[2])
    assert generators[0] == random.getstate()
    assert generators[1] == numpy.random.get_state()[1].tolist()
    assert torch.equal(generators[2], torch.get_rng_state())


def test_an_exception_inside(tiny_bert: str) -> None:
    encoder = GatedEncoder(tiny_bert).eval()
    tokens = tokens_of(tiny_bert, SENTENCES)
    expected = encoder(tokens["token_ids"], tokens["wordpiece_mask"])
    with undisturbed(encoder), pytest.raises(RuntimeError, match="inside"):
        with random_weights(encoder, 0):
            raise RuntimeError("inside")
    assert torch.equal(encoder(tokens["token_ids"], tokens["wordpiece_mask"]), expected)


@pytest.mark.parametrize("model_type", ["bert", "gpt2", "distilbert"])
def test_removed_heads_stay_removed(model_type: str, tmp_path: Path) -> None:
    removed = {0: [1], 2: [0, 1, 2, 3]}
    encoder = GatedEncoder(tiny.encoder_folder(tmp_path, model_type), removed_heads=removed)
    there, shapes = existing_heads(encoder), {k: v.shape for k, v in state(encoder).items()}
    with random_weights(encoder, 0), torch.no_grad():
        assert {key: value.shape for key, value in state(encoder).items()} == shapes
        assert (existing_heads(encoder) == there).all()
        found = word_heads(encoder, tokens_of(str(tmp_path), SENTENCES), contexts=True)
        assert [layer.size(2) for layer in found.contexts] == [3, 4, 0]


def test_heads_that_the_library_removed_stay_removed(tmp_path: Path) -> None:
    bert = tiny.encoder("bert")
    bert.prune_heads({1: [0, 2]})
    bert.save_pretrained(str(tmp_path))
    tiny.tokenizer("bert").save_pretrained(str(tmp_path))
    encoder = GatedEncoder(str(tmp_path), removed_heads={0: [3]})
    assert encoder.kept_heads == [[0, 1, 2], [1, 3], [0, 1, 2, 3]]
    with random_weights(encoder, 0):
        assert encoder.heads == [3, 2, 4]
