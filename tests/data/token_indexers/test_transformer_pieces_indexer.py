"""Pieces to tensors, and AllenNLP's own reader and classifier on top of them."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, DatasetReader, Instance, Token, Vocabulary
from allennlp.data.fields import TextField
from allennlp.models import Model

import tests.tiny as tiny
from allennlp_heads.attention import load_tokenizer
from allennlp_heads.data.token_indexers import TransformerPiecesIndexer
from allennlp_heads.data.tokenizers import TransformerPiecesTokenizer


def _indexed(folder: str, *texts: str) -> dict[str, list[Any]]:
    tokenizer = TransformerPiecesTokenizer(folder)
    tokens = tokenizer.tokenize(*texts) if len(texts) == 1 else tokenizer.tokenize_pair(*texts)
    return TransformerPiecesIndexer(folder).tokens_to_indices(tokens, Vocabulary())


def test_keys(tiny_bert: str) -> None:
    indexed = _indexed(tiny_bert, "the old dog", "犬 [SEP] [MASK]")
    tokenizer = load_tokenizer(tiny_bert)
    expected = tokenizer("the old dog", "犬 [SEP] [MASK]", split_special_tokens=True)
    assert indexed["token_ids"] == expected["input_ids"]
    assert indexed["type_ids"] == expected["token_type_ids"]
    assert indexed["mask"] == [True] * len(indexed["token_ids"])
    outer = {0, expected.sequence_ids().index(1) - 1, len(indexed["token_ids"]) - 1}
    assert {i for i, special in enumerate(indexed["special_mask"]) if special} == outer
    assert sorted(indexed) == sorted(TransformerPiecesIndexer.keys)


def test_padding(tiny_bert: str) -> None:
    tokenizer, indexer = TransformerPiecesTokenizer(tiny_bert), TransformerPiecesIndexer(tiny_bert)
    indexer._padding["token_ids"] = 7
    texts = ["the old dog", "unbelievably"]
    fields = [TextField(tokenizer.tokenize(text), {"tokens": indexer}) for text in texts]
    batch = Batch([Instance({"tokens": field}) for field in fields])
    batch.index_instances(Vocabulary())
    tensors = batch.as_tensor_dict()["tokens"]["tokens"]
    assert (tensors["token_ids"][~tensors["mask"]] == 7).all()
    assert tensors["special_mask"].sum(dim=1).tolist() == [2, 2]
    assert tensors["mask"].dtype == tensors["special_mask"].dtype == torch.bool


def test_tokens_of_another_tokenizer_are_a_clear_error(tiny_bert: str) -> None:
    with pytest.raises(ConfigurationError, match="transformer_words"):
        TransformerPiecesIndexer(tiny_bert).tokens_to_indices([Token("dog")], Vocabulary())


def test_namespace_of_something_else_is_a_clear_error(tiny_bert: str) -> None:
    vocabulary = Vocabulary(tokens_to_add={"tags": ["NOUN"]})
    with pytest.raises(ConfigurationError, match="'namespace'.*'tags'"):
        TransformerPiecesIndexer(tiny_bert).tokens_to_indices([Token("a", text_id=5)], vocabulary)
    silent = TransformerPiecesIndexer(tiny_bert, namespace=None)
    silent.tokens_to_indices([Token("a", text_id=5)], vocabulary)
    assert vocabulary.get_vocab_size("tags") == 1


def test_every_vocabulary_receives_the_pieces(tiny_bert: str) -> None:
    indexer = TransformerPiecesIndexer(tiny_bert)
    for vocabulary in (Vocabulary(), Vocabulary()):
        indexer.tokens_to_indices([Token("a", text_id=5)], vocabulary)
        assert vocabulary.get_token_from_index(2, "tags") == "[CLS]"


def test_allennlps_reader_and_classifier(tiny_bert: str, tmp_path: Path) -> None:
    """`text_classification_json` and `basic_classifier` by configuration, up to readable output."""
    reader = DatasetReader.from_params(
        Params(
            {
                "type": "text_classification_json",
                "tokenizer": {"type": "transformer_pieces", "transformer_model": tiny_bert},
                "token_indexers": {
                    "tokens": {"type": "transformer_pieces", "transformer_model": tiny_bert}
                },
            }
        )
    )
    data = tmp_path / "texts.jsonl"
    rows = [{"text": "the old dog", "label": "a"}, {"text": "Anna !", "label": "b"}]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    instances = list(reader.read(str(data)))
    embedder = {"type": "gated_transformer", "transformer_model": tiny_bert}
    model = Model.from_params(
        Params(
            {
                "type": "basic_classifier",
                "namespace": "tags",
                "text_field_embedder": {"token_embedders": {"tokens": embedder}},
                "seq2vec_encoder": {"type": "cls_pooler", "embedding_dim": tiny.HIDDEN},
            }
        ),
        vocab=Vocabulary.from_instances(instances),
    )
    outputs = model.eval().forward_on_instances(instances)
    assert outputs[0]["tokens"] == ["[CLS]", "the", "ol", "##d", "do", "##g", "[SEP]"]
    assert {output["label"] for output in outputs} <= {"a", "b"}
