"""Predictor of trees, alone and inside that of all heads."""

from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Vocabulary
from allennlp.models import Model
from allennlp.predictors import Predictor
from nltk import Tree

from allennlp_heads import data, models, modules
from allennlp_heads.predictors import ConstituencyPredictor, MultiTaskHeadsPredictor

assert data and models and modules  # imported for what they register

WORDS = ["The", "dog", "(", "a", "collie", ")", "barked", "."]
LABELS = {"con_labels": ["TOP+S", "S|<>", "NP", "NP|<>", "VP"], "pos_labels": ["NN"]}


@pytest.fixture(scope="module")
def reader(tiny_bert: str) -> Any:
    indexer = {"type": "transformer_words", "transformer_model": tiny_bert}
    readers = {
        view: {"type": "bracketed_trees", "view": view, "token_indexers": {"tokens": dict(indexer)}}
        for view in ("con", "pos")
    }
    return DatasetReader.from_params(Params({"type": "multitask_heads", "readers": readers}))


@pytest.fixture(scope="module")
def model(tiny_bert: str) -> Model:
    heads = {
        "con": {"type": "constituency"},
        "pos": {"type": "tagger", "label_namespace": "pos_labels"},
    }
    backbone = {"type": "gated_transformer", "transformer_model": tiny_bert}
    config = {"type": "multitask_heads", "backbone": backbone, "heads": heads}
    vocab = Vocabulary(non_padded_namespaces=["*labels"], tokens_to_add=LABELS)
    torch.manual_seed(0)
    model = Model.from_params(Params(config), vocab=vocab)
    for scorer in (model.heads["con"].span_scorer, model.heads["con"].label_scorer):  # type: ignore[index, union-attr]
        torch.nn.init.normal_(scorer.weight)  # type: ignore[arg-type]
    return model


def test_a_tree_of_the_words(model: Model, reader: Any) -> None:
    predictor: Any = Predictor.by_name("constituency")(model, reader)
    assert isinstance(predictor, ConstituencyPredictor)
    output = predictor.predict_json({"words": WORDS})
    assert list(output) == ["task", "words", "tree"]
    assert output["words"] == WORDS
    tree = Tree.fromstring(output["tree"])
    assert tree.leaves() == ["The", "dog", "-LRB-", "a", "collie", "-RRB-", "barked", "."]
    assert {tag for _, tag in tree.pos()} == {"XX"}
    raw = predictor.predict_json({"sentence": "The dog (a collie) barked."})
    assert raw == output


def test_given_parts_of_speech(model: Model, reader: Any) -> None:
    predictor = ConstituencyPredictor(model, reader)
    pos = ["DT", "NN", "(", "DT", "NN", ")", "VBD", "."]
    output = predictor.predict_json({"words": WORDS, "pos": pos})
    tags = [tag for _, tag in Tree.fromstring(output["tree"]).pos()]
    assert tags == ["DT", "NN", "-LRB-", "DT", "NN", "-RRB-", "VBD", "."]
    for wrong in (pos[1:], "NN", None, [*pos[1:], ""], [*pos[1:], "N P"], [*pos[1:], None]):
        with pytest.raises(ConfigurationError, match="'pos' of the input must be a list of 8"):
            predictor.predict_json({"words": WORDS, "pos": wrong})


def test_batches_and_single_sentences(model: Model, reader: Any) -> None:
    predictor = MultiTaskHeadsPredictor(model, reader)
    inputs = [
        {"task": task, "words": WORDS[:length]} for length in (8, 1, 5) for task in ("con", "pos")
    ]
    together = predictor.predict_batch_json(inputs)
    assert together == [predictor.predict_json(one) for one in inputs]
    assert ["tree" in output for output in together] == [True, False] * 3


def test_instances_with_gold(model: Model, reader: Any, tmp_path: Any) -> None:
    path = tmp_path / "gold.mrg"
    path.write_text("(TOP (UNSEEN (NN a) (VB b)))\n(TOP (NP (NN c)))\n")
    predictor = ConstituencyPredictor(model, reader)
    outputs = predictor.predict_batch_instance(list(reader.read(str(path), force_task="con")))
    trees = [Tree.fromstring(output["tree"]) for output in outputs]
    assert [tree.pos() for tree in trees] == [[("a", "NN"), ("b", "VB")], [("c", "NN")]]
