"""The predictor of single heads with other encoders, models and readers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.data.dataset_readers import SequenceTaggingDatasetReader
from allennlp.models import Model

import tests.tiny as tiny
from allennlp_heads.collect import encoder_of
from allennlp_heads.predictors import HeadProbePredictor
from tests.predictors.tiny_archive import make_model, make_reader

WORDS = ["the", "old", "dog", "saw", "Anna"]


def test_a_word_points_where_the_librarys_weights_are_highest(tiny_bert: str) -> None:
    model = make_model(tiny_bert, {"dep": "dependency"})
    predictor = HeadProbePredictor(
        model, make_reader(tiny_bert, {"dep": "dependency"}), heads=[[1, 2], [0, 3]]
    )
    words = ["unbelievably", "dog", "saw", "it"]
    output = predictor.predict_json({"words": words})
    encoder = encoder_of(model)
    tokens = tiny.tokenizer("bert")(words, is_split_into_words=True, return_tensors="pt")
    assert tokens["input_ids"].size(1) > 6, "some word has several pieces"
    with torch.no_grad():
        attentions = encoder.transformer(tokens["input_ids"], output_attentions=True).attentions
    firsts = [tokens.word_ids().index(word) for word in range(len(words))]
    ends = [*firsts[1:], len(tokens.word_ids()) - 1]
    spans = [(0, 1), *zip(firsts, ends)]
    names = ["ROOT", *words]
    assert "kind" not in output and len(output["heads"]) == 2
    for head, (layer, number) in zip(output["heads"], [(1, 2), (0, 3)]):
        assert (head["layer"], head["head"], head["labels"]) == (layer, number, [])
        weights = attentions[layer][0, number]
        for point, (start, end) in zip(head["points_at"], spans, strict=True):
            row = weights[start:end].mean(dim=0)
            by_word = [float(row[first:last].sum()) for first, last in spans]
            target = by_word.index(max(by_word))
            assert point["text"] == names[target]
            assert point["to"] == ("root" if target == 0 else target - 1)
            assert point["weight"] == pytest.approx(by_word[target], abs=1e-4)


def test_numbers_of_heads_are_those_before_any_were_removed(tiny_bert: str) -> None:
    reader = make_reader(tiny_bert, {"pos": "upos"})
    full, shrunk = (make_model(tiny_bert, {"pos": "tagger"}) for _ in range(2))
    encoder_of(shrunk).remove_heads({0: [0, 2], 2: [1]})
    inputs = {"words": WORDS}
    outputs = [
        HeadProbePredictor(model, reader, heads=[[0, 3]]).predict_json(inputs)
        for model in (full, shrunk)
    ]
    assert outputs[0] == outputs[1]
    with pytest.raises(ConfigurationError, match="no head 2 in layer 0.*3 are removed"):
        HeadProbePredictor(shrunk, reader, heads=[[0, 2]])


def test_a_reader_and_model_of_allennlp(tiny_bert: str) -> None:
    """One task without a name."""
    indexer = {"type": "transformer_words", "transformer_model": tiny_bert}
    reader = SequenceTaggingDatasetReader.from_params(Params({"token_indexers": {"t": indexer}}))
    embedder = {"type": "gated_transformer", "transformer_model": tiny_bert}
    config = {
        "type": "simple_tagger",
        "text_field_embedder": {"token_embedders": {"t": embedder}},
        "encoder": {"type": "pass_through", "input_dim": tiny.HIDDEN},
    }
    labels = {"labels": ["NOUN", "VERB"]}
    model = Model.from_params(Params(config), vocab=Vocabulary(tokens_to_add=labels))
    output = HeadProbePredictor(model, reader, heads=[[2, 1]]).predict_json({"words": WORDS})
    assert "task" not in output and len(output["heads"][0]["points_at"]) == 6


def test_an_encoder_without_root(tmp_path: Path) -> None:
    folder = tiny.encoder_folder(tmp_path / "gpt2", "gpt2")
    model = make_model(folder, {"dep": "dependency"})
    reader = make_reader(folder, {"dep": "dependency"})
    pictures = tmp_path / "pictures"
    predictor = HeadProbePredictor(model, reader, heads=[[0, 0]], pictures=str(pictures))
    (head,) = predictor.predict_json({"words": WORDS})["heads"]
    assert [point["word"] for point in head["points_at"]] == WORDS
    assert head["points_at"][0]["to"] == 0 and head["points_at"][0]["weight"] == 1
    assert "ROOT" not in Path(head["picture"]).read_text()
