"""Pretrained encoders without training, and readers for them."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError

import tests.tiny as tiny
from allennlp_heads.collect.bare_encoder import bare_encoder, reading_for

READERS: dict[str, Any] = {
    "dep": {"type": "conllu", "view": "dependency"},
    "ner": "bio_columns",
}


def test_it_is_the_encoder_as_it_was_trained(tiny_bert: str) -> None:
    encoder = bare_encoder(tiny_bert, max_length=16)
    assert not encoder.training and encoder.max_length == 16
    assert encoder.gates.deterministic().eq(1).all()
    wanted = tiny.encoder("bert")
    inputs = tiny.batch()
    with torch.no_grad():
        found = encoder(inputs["input_ids"], inputs["attention_mask"].bool())
        torch.testing.assert_close(found, wanted(**inputs).last_hidden_state)


def test_there_is_no_such_gpu(tiny_bert: str) -> None:
    with pytest.raises(ConfigurationError, match="there is no GPU 99"):
        bare_encoder(tiny_bert, cuda_device=99)


def test_readers_get_the_words_of_the_encoder(tiny_bert: str) -> None:
    reader = {"type": "multitask_heads", "readers": copy.deepcopy(READERS)}
    words = {"tokens": {"type": "transformer_words", "transformer_model": tiny_bert}}
    assert reading_for(tiny_bert, reader)["readers"] == {
        "dep": {**READERS["dep"], "token_indexers": words},
        "ner": {"type": "bio_columns", "token_indexers": words},
    }
    assert reader["readers"] == READERS
    reader["readers"]["dep"]["token_indexers"] = words
    assert reading_for(tiny_bert, reader)["readers"]["dep"]["token_indexers"] == words


@pytest.mark.parametrize(
    "reader, message",
    [
        ({"type": "conllu"}, "'dataset_reader' has no tasks: give the reader 'multitask_heads'"),
        (
            {"readers": {"dep": {"token_indexers": {"a": {"transformer_model": "other"}}}}},
            r"readers\.dep\.token_indexers\.a splits words for other, but the encoder is mine",
        ),
        (
            {"readers": {"dep": {"token_indexers": {"tokens": "single_id"}}}},
            "splits words for None, but the encoder is mine",
        ),
    ],
)
def test_readers_for_other_encoders(reader: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        reading_for("mine", reader)
