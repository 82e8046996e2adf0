"""Predictors of spans: the head `span_ner`, and taggers whose tags code spans."""

from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.data import DatasetReader, Vocabulary
from allennlp.models import Model
from allennlp.predictors import Predictor

from allennlp_heads import data, models, modules
from allennlp_heads.data.span_codings import spans_of_tags
from allennlp_heads.predictors import (
    MultiTaskHeadsPredictor,
    SpanNerPredictor,
    TaggerPredictor,
)

assert data and models and modules  # imported for what they register

HEADS = {
    "ner": {"type": "span_ner"},
    "bio": {"type": "tagger", "label_namespace": "bio_labels", "label_encoding": "BIO"},
    "pos": {"type": "tagger", "label_namespace": "pos_labels"},
}
LABELS = {
    "ner_labels": ["PER", "LOC"],
    "bio_labels": ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"],
    "pos_labels": ["NN", "VB"],
}
WORDS = ["Anna", "gave", "Peter", "two", "red", "books", "in", "London"]
FILE = "".join(f"{word} {tag}\n" for word, tag in zip(WORDS, ["B-PER", "O", "B-PER"] + ["O"] * 5))


@pytest.fixture(scope="module")
def reader(tiny_bert: str) -> Any:
    readers: dict[str, dict[str, Any]] = {
        "ner": {"type": "bio_columns", "coding": "spans"},
        "bio": {"type": "bio_columns", "label_namespace": "bio_labels"},
        "pos": {"type": "conllu", "view": "xpos"},
    }
    for config in readers.values():
        indexer = {"type": "transformer_words", "transformer_model": tiny_bert}
        config["token_indexers"] = {"tokens": indexer}
    return DatasetReader.from_params(Params({"type": "multitask_heads", "readers": readers}))


@pytest.fixture(scope="module")
def predictor(tiny_bert: str, reader: Any) -> MultiTaskHeadsPredictor:
    config = {
        "type": "multitask_heads",
        "backbone": {"type": "gated_transformer", "transformer_model": tiny_bert},
        "heads": HEADS,
    }
    vocab = Vocabulary(non_padded_namespaces=["*labels"], tokens_to_add=LABELS)
    torch.manual_seed(0)
    model = Model.from_params(Params(config), vocab=vocab)
    torch.nn.init.normal_(model.heads["ner"].scorer.weight)  # type: ignore[index, union-attr]
    return MultiTaskHeadsPredictor(model, reader)


def test_the_heads_own_predictors(predictor: MultiTaskHeadsPredictor) -> None:
    kinds = {task: type(own) for task, own in predictor.predictors.items()}
    assert kinds == {"ner": SpanNerPredictor, "bio": TaggerPredictor, "pos": TaggerPredictor}
    assert Predictor.by_name("span_ner") is SpanNerPredictor


def test_spans_of_the_head(predictor: MultiTaskHeadsPredictor) -> None:
    output = predictor.predict_json({"task": "ner", "words": WORDS})
    assert list(output) == ["task", "words", "spans"]
    assert output["spans"]
    last = -1
    for span in output["spans"]:
        assert last < span["start"] <= span["end"] < len(WORDS)
        assert span["text"] == " ".join(WORDS[span["start"] : span["end"] + 1])
        assert span["label"] in LABELS["ner_labels"]
        last = span["end"]


def test_spans_of_tags(predictor: MultiTaskHeadsPredictor) -> None:
    output = predictor.predict_json({"task": "bio", "words": WORDS})
    assert list(output) == ["task", "words", "tags", "spans"]
    found = [(span["start"], span["end"], span["label"]) for span in output["spans"]]
    assert found == spans_of_tags(output["tags"])


def test_tags_without_spans(predictor: MultiTaskHeadsPredictor) -> None:
    assert list(predictor.predict_json({"task": "pos", "words": WORDS})) == [
        "task",
        "words",
        "tags",
    ]


@pytest.mark.parametrize("task", ["ner", "bio"])
def test_gold_may_be_unseen_in_training(
    predictor: MultiTaskHeadsPredictor, reader: Any, tmp_path: Any, task: str
) -> None:
    """Instances of the task's own reader have strict labels."""
    path = tmp_path / "gold.conll"
    path.write_text(FILE.replace("B-PER", "B-ORG"))
    own: Any = predictor.predictors[task]
    (instance,) = reader.readers[task].inner.read(str(path))
    assert own.predict_instance(instance) == own.predict_json({"words": WORDS})


def test_one_word_and_mixed_tasks(predictor: MultiTaskHeadsPredictor) -> None:
    inputs = [{"task": task, "words": words} for words in (WORDS, ["Anna"]) for task in HEADS]
    together = predictor.predict_batch_json(inputs)
    assert together == [predictor.predict_json(one) for one in inputs]


def test_instances_of_the_reader(
    predictor: MultiTaskHeadsPredictor, reader: Any, tmp_path: Any
) -> None:
    """The calls of `allennlp predict --use-dataset-reader --multitask-head ner`, with gold."""
    path = tmp_path / "gold.conll"
    path.write_text(f"{FILE}\nAnna B-PER\n")
    for task in ("ner", "bio"):
        instances = list(reader.read(str(path), force_task=task))
        gold = predictor.predict_batch_instance(instances)
        plain = [{"task": task, "words": words} for words in (WORDS, ["Anna"])]
        assert gold == predictor.predict_batch_json(plain)
