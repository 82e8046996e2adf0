"""Numbers of heads before and after some were removed."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest
import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect import (
    encoder_of,
    existing_heads,
    original_numbering,
    present_numbering,
)
from allennlp_heads.modules import GatedEncoder


@pytest.fixture
def encoder(tiny_bert: str) -> GatedEncoder:
    encoder = GatedEncoder(tiny_bert)
    encoder.remove_heads({0: [0, 2], 1: [0, 1, 2, 3]})
    return encoder


def test_numbering(encoder: GatedEncoder) -> None:
    there = [[0, 1, 0, 1], [0, 0, 0, 0], [1, 1, 1, 1]]
    assert existing_heads(encoder).tolist() == numpy.array(there, bool).tolist()
    values = numpy.arange(24.0).reshape(2, 3, 4)
    whole = original_numbering(encoder, values)
    assert whole[1].tolist() == [[0, 12, 0, 13], [0, 0, 0, 0], [20, 21, 22, 23]]
    back = present_numbering(encoder, whole)
    assert back[1].tolist() == [[12, 13, 0, 0], [0, 0, 0, 0], [20, 21, 22, 23]]


def test_whole_encoders(tiny_bert: str) -> None:
    encoder = GatedEncoder(tiny_bert)
    values = numpy.random.default_rng(0).normal(size=(3, 4))
    assert existing_heads(encoder).all()
    assert (original_numbering(encoder, values) == values).all()
    assert (present_numbering(encoder, values) == values).all()


def test_one_encoder(encoder: GatedEncoder, fixtures_root: Path) -> None:
    assert encoder_of(torch.nn.ModuleList([encoder])) is encoder
    with pytest.raises(ConfigurationError, match="has no 'gated_transformer'"):
        encoder_of(torch.nn.Linear(2, 2))
