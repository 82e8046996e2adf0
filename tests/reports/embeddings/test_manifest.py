"""What a manifest says of tasks and encoders."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models.heads import Head

from allennlp_heads.collect.bare_encoder import bare_encoder
from allennlp_heads.collect.embedding import EmbeddingOptions
from allennlp_heads.reports.embeddings.computed import TaskEmbedder
from allennlp_heads.reports.embeddings.manifest import CLASSES, about_encoder, class_of
from tests import tiny


@pytest.mark.parametrize(
    "head, wanted",
    [
        ("text_classifier", "classification"),
        ("text_regressor", "classification"),
        ("span_qa", "questions"),
        *((name, "labelling") for name in ("tagger", "span_ner", "dependency", "srl")),
    ],
)
def test_class_of_a_head(head: str, wanted: str) -> None:
    kind: Any = Head.by_name(head)
    assert class_of(kind.__new__(kind)) == wanted
    assert wanted in CLASSES


def test_an_encoder_is_described_as_it_was_pretrained(tiny_bert: str) -> None:
    encoder = bare_encoder(tiny_bert)
    whole = about_encoder(encoder, "1", "0")
    encoder.remove_heads({0: [1], 2: [0, 3]})
    assert about_encoder(encoder, "1", "0") == whole
    assert whole == {
        "name": tiny_bert,
        "layers": tiny.LAYERS,
        "heads": tiny.HEADS,
        "head_dim": tiny.HEAD_DIM,
        "dim": tiny.HIDDEN,
        "sha256": "1",
        "pretrained_sha256": "0",
    }


def test_what_a_kind_needs() -> None:
    with pytest.raises(ConfigurationError, match="'text' needs the pretrained encoder"):
        TaskEmbedder(EmbeddingOptions(), model=torch.nn.Linear(1, 1))
    with pytest.raises(ConfigurationError, match="'task' and 'heads' need a trained model"):
        TaskEmbedder(EmbeddingOptions(kinds=("heads",)))
