"""Batches of words for an encoder, as its indexer makes them."""

from __future__ import annotations

import functools

import torch
from allennlp.data import Batch, Instance, Token, Vocabulary
from allennlp.data.fields import TextField

import tests.tiny as tiny
from allennlp_heads.data.token_indexers import TransformerWordsIndexer

SENTENCES = [
    ["The", "unbelievably", "old", "dog", "saw", "Peter"],
    ["Anna"],
    ["who", "can", "play", "\u200b", "yesterday", "?"],
    tiny.TEXT[:17],
]
"""Words of one piece and of several, one that loses all its pieces, and sentences of one word."""


def tokens_of(folder: str, sentences: list[list[str]]) -> dict[str, torch.Tensor]:
    """The tensors of the indexer `transformer_words`."""
    indexer = _indexer(folder)
    fields = [TextField([Token(w) for w in words], {"tokens": indexer}) for words in sentences]
    batch = Batch([Instance({"words": field}) for field in fields])
    batch.index_instances(Vocabulary())
    return batch.as_tensor_dict()["words"]["tokens"]  # type: ignore[return-value]


@functools.cache
def _indexer(folder: str) -> TransformerWordsIndexer:
    return TransformerWordsIndexer(folder)
