"""Predictors of whole texts and pairs, alone and through the multi-task predictor."""

from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError
from allennlp.data.dataset_readers import MultiTaskDatasetReader
from allennlp.predictors import Predictor

from allennlp_heads.models import MultiTaskHeads
from allennlp_heads.predictors import (
    MultiTaskHeadsPredictor,
    TextClassifierPredictor,
    TextRegressorPredictor,
)
from tests.sentence_tasks import made

ONE = {"sst2": "the old dog saw Anna", "mnli": ("the cat", "a dog in the garden")}


@pytest.fixture(scope="module")
def parts(tiny_bert: str) -> tuple[MultiTaskHeads, MultiTaskDatasetReader]:
    return made(tiny_bert)


def close(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Equal but for rounding, which knows the batch."""
    assert one.keys() == other.keys()
    for key, value in one.items():
        exact = key not in ("probabilities", "score")
        assert other[key] == (value if exact else pytest.approx(value, rel=1e-4, abs=1e-6)), key


def test_the_label_of_a_text(parts: Any) -> None:
    predictor = TextClassifierPredictor(parts[0], parts[1], task="sst2")
    said = predictor.predict_json({"sentence": "the old dog"})
    assert list(said) == ["task", "text", "label", "probabilities"]
    assert said["task"] == "sst2" and said["text"] == "the old dog"
    assert list(said["probabilities"]) == ["0", "1"]
    best = max(said["probabilities"], key=lambda label: said["probabilities"][label])
    assert said["label"] == best and sum(said["probabilities"].values()) == pytest.approx(1)
    assert predictor.predict_json({"text": "the old dog", "other": 1}) == said


@pytest.mark.parametrize(
    "keys",
    [
        ("text", "text_pair"),
        ("sentence1", "sentence2"),
        ("question1", "question2"),
        ("question", "sentence"),
        ("premise", "hypothesis"),
        ("#1 String", "#2 String"),
    ],
)
def test_names_of_a_pair(parts: Any, keys: tuple[str, str]) -> None:
    predictor = TextRegressorPredictor(*parts)
    said = predictor.predict_json(dict(zip(keys, ("who gave it", "Anna gave it"))))
    assert list(said) == ["task", "text", "text_pair", "score"]
    assert (said["text"], said["text_pair"]) == ("who gave it", "Anna gave it")
    swapped = predictor.predict_json(dict(zip(keys, ("Anna gave it", "who gave it"))))
    assert isinstance(said["score"], float) and said["score"] != swapped["score"]


def test_mixed_tasks_keep_their_order(parts: Any) -> None:
    predictor = MultiTaskHeadsPredictor(*parts)
    inputs = [
        {"task": "stsb", "sentence1": "the cat", "sentence2": "the old dog in the garden"},
        {"task": "sst2", "sentence": "unbelievably good and cheap, is it not?"},
        {"task": "mnli", "premise": "Anna gave Peter books", "hypothesis": "Peter"},
        {"task": "sst2", "sentence": "late"},
        {"task": "stsb", "text": "a", "text_pair": "b"},
    ]
    together = predictor.predict_batch_json(inputs)
    assert [output["task"] for output in together] == [given["task"] for given in inputs]
    for given, output in zip(inputs, together):
        close(predictor.predict_json(given), output)
    assert together[2]["label"] in ("entailment", "neutral", "contradiction")
    alone = TextClassifierPredictor(parts[0], parts[1], task="mnli")
    close(alone.predict_json(inputs[2]), together[2])


def test_gold_labels_may_be_unseen(parts: Any, fixtures_root: Any) -> None:
    model, reader = parts
    predictor = MultiTaskHeadsPredictor(model, reader)
    path = str(fixtures_root / "glue/SST-2/dev.tsv")
    instances = list(reader.read(path, force_task="sst2"))[:3]
    outputs = predictor.predict_batch_instance(instances)
    assert [output["text"] for output in outputs] == [
        instance["metadata"].metadata["text"] for instance in instances
    ]


def test_names() -> None:
    assert Predictor.by_name("text_classifier_head") is TextClassifierPredictor
    assert Predictor.by_name("text_regressor") is TextRegressorPredictor


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "has no text: give 'text' or 'sentence'"),
        ({"premise": "a"}, "'premise' alone: give 'premise' and 'hypothesis'"),
        ({"question": "a"}, "'question' alone: give 'question' and 'sentence'"),
        ({"text_pair": "a"}, "'text_pair' alone"),
        ({"text": 3}, "'text' of the input .* must be a string"),
        ({"text": "a", "text_pair": None}, "'text_pair' of the input .* must be a string"),
        ({"text": " "}, "the text is empty"),
        ({"task": "mnli", "text": "a"}, "came to the predictor of 'sst2'"),
    ],
)
def test_wrong_input(parts: Any, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        TextClassifierPredictor(parts[0], parts[1], task="sst2").predict_json(given)
