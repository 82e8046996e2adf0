"""Both heads through `Predictor` objects on a tiny untrained model."""

import copy
import json
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError
from allennlp.data.dataset_readers import MultiTaskDatasetReader
from allennlp.data.fields import MetadataField
from allennlp.models import Model
from allennlp.predictors import MultiTaskPredictor, Predictor

from allennlp_heads.predictors import (
    DependencyPredictor,
    MultiTaskHeadsPredictor,
    TaggerPredictor,
)
from tests.predictors.tiny_archive import TAGS, TREEBANK, make_model, make_reader

MIXED: list[dict[str, Any]] = [
    {"task": "pos", "sentence": "the old dog saw Anna."},
    {"task": "dep", "words": ["Anna", "gave", "Peter", "books"]},
    {"task": "pos", "words": ["unbelievably", "good"]},
    {"task": "dep", "sentence": "the cat"},
    {"task": "pos", "words": ["\u200b"]},
]


@pytest.fixture(scope="module")
def model(tiny_bert: str) -> Model:
    return make_model(tiny_bert, {"pos": "tagger", "dep": "dependency"})


@pytest.fixture(scope="module")
def reader(tiny_bert: str) -> MultiTaskDatasetReader:
    return make_reader(tiny_bert, {"pos": "upos", "dep": "dependency"})


@pytest.fixture(scope="module")
def predictor(model: Model, reader: MultiTaskDatasetReader) -> MultiTaskHeadsPredictor:
    return MultiTaskHeadsPredictor(model, reader)


def test_the_models_default_predictor(model: Model) -> None:
    assert Predictor.by_name(str(model.default_predictor)) is MultiTaskHeadsPredictor
    assert issubclass(MultiTaskHeadsPredictor, MultiTaskPredictor)


def test_outputs_are_readable_and_complete(predictor: MultiTaskHeadsPredictor) -> None:
    tagged = predictor.predict_json(MIXED[0])
    assert list(tagged) == ["task", "words", "tags"]
    assert tagged["words"] == ["the", "old", "dog", "saw", "Anna", "."]
    assert len(tagged["tags"]) == 6 and set(tagged["tags"]) <= set(TAGS)
    parsed = predictor.predict_json(MIXED[1])
    assert list(parsed) == ["task", "words", "heads", "relations", "conllu"]
    assert len(parsed["heads"]) == len(parsed["relations"]) == 4 and 0 in parsed["heads"]
    rows = [line.split("\t") for line in parsed["conllu"].strip().split("\n")]
    assert [row[1] for row in rows] == parsed["words"]
    assert [int(row[6]) for row in rows] == parsed["heads"]
    assert json.loads(predictor.dump_line(parsed)) == parsed


def test_order_of_mixed_tasks_and_callers_dictionaries(predictor: MultiTaskHeadsPredictor) -> None:
    inputs = copy.deepcopy(MIXED)
    together = predictor.predict_batch_json(inputs)
    assert together == [predictor.predict_json(one) for one in inputs]
    assert [output["task"] for output in together] == [one["task"] for one in inputs]
    assert inputs == MIXED


def test_one_forward_pass_a_task(
    predictor: MultiTaskHeadsPredictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    forward = predictor._model.forward_on_instances

    def counted(instances: list[Any]) -> Any:
        sizes.append(len(instances))
        return forward(instances)

    monkeypatch.setattr(predictor._model, "forward_on_instances", counted)
    predictor.predict_batch_json(MIXED)
    assert sizes == [3, 2]
    assert predictor.predict_batch_json([]) == []


def test_instances_of_the_reader(
    predictor: MultiTaskHeadsPredictor, reader: MultiTaskDatasetReader, tmp_path: Any
) -> None:
    """The calls of `allennlp predict --use-dataset-reader --multitask-head dep`."""
    path = tmp_path / "gold.conllu"
    path.write_text(TREEBANK)
    instances = list(reader.read(str(path), force_task="dep"))
    outputs = predictor.predict_batch_instance(instances)
    assert [output["words"] for output in outputs] == [["the", "dog", "saw"], ["Anna"]]
    assert predictor.predict_instance(instances[1]) == outputs[1]
    assert list(outputs[0]) == ["task", "words", "heads", "relations", "conllu"]


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        ({"words": ["a"]}, r"\{'words': \['a'\]\} names no task.*\['dep', 'pos'\]"),
        ({"task": "ner", "words": ["a"]}, r"no task 'ner'.*\['dep', 'pos'\]"),
        ({"task": ["pos"], "words": ["a"]}, "no task"),
        ({"task": "pos"}, "neither"),
        ({"task": "pos", "sentence": ""}, "no words"),
        ([], "JSON object"),
    ],
)
def test_wrong_inputs_are_clear_errors(
    predictor: MultiTaskHeadsPredictor, inputs: Any, problem: str
) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        predictor.predict_json(inputs)
    with pytest.raises(ConfigurationError, match="not JSON"):
        predictor.load_line("{")


def test_instances_without_a_task_are_clear_errors(
    predictor: MultiTaskHeadsPredictor, reader: MultiTaskDatasetReader
) -> None:
    instance = reader.readers["pos"].inner.text_to_instance(words=["a"])  # type: ignore[call-arg]
    with pytest.raises(ConfigurationError, match="'task'"):
        predictor.predict_instance(instance)
    instance.add_field("task", MetadataField("ner"))
    with pytest.raises(ConfigurationError, match="no task 'ner'"):
        predictor.predict_instance(instance)


def test_a_head_alone(
    model: Model, reader: MultiTaskDatasetReader, predictor: MultiTaskHeadsPredictor
) -> None:
    for kind, task in ((TaggerPredictor, "pos"), (DependencyPredictor, "dep")):
        alone = kind(model, reader)
        own = [
            {k: v for k, v in one.items() if k != "task"} for one in MIXED if one["task"] == task
        ]
        expected = predictor.predict_batch_json([one for one in MIXED if one["task"] == task])
        assert alone.predict_batch_json(own) == expected
        assert alone.predict_json(own[0]) == expected[0]


def test_a_head_alone_refuses_other_tasks(model: Model, reader: MultiTaskDatasetReader) -> None:
    tagger = TaggerPredictor(model, reader)
    with pytest.raises(ConfigurationError, match="'dep' came to the predictor of 'pos'"):
        tagger.predict_json({"task": "dep", "words": ["a"]})
    instance = reader.readers["dep"].text_to_instance(words=["a"])  # type: ignore[call-arg]
    with pytest.raises(ConfigurationError, match="'dep' came to the predictor of 'pos'"):
        tagger.predict_instance(instance)


def test_several_heads_of_a_kind(tiny_bert: str) -> None:
    model = make_model(tiny_bert, {"pos": "tagger", "fine": "tagger"})
    reader = make_reader(tiny_bert, {"pos": "upos", "fine": "xpos"})
    with pytest.raises(ConfigurationError, match="--multitask-head"):
        TaggerPredictor(model, reader)
    assert (
        TaggerPredictor(model, reader, task="fine").predict_json({"words": ["a"]})["task"] == "fine"
    )
    with pytest.raises(ConfigurationError, match="no head: "):
        DependencyPredictor(model, reader)
    with pytest.raises(ConfigurationError, match="no head for the task 'ner'"):
        TaggerPredictor(model, reader, task="ner")


def test_a_single_head_needs_no_task(tiny_bert: str) -> None:
    model = make_model(tiny_bert, {"pos": "tagger"})
    predictor = MultiTaskHeadsPredictor(model, make_reader(tiny_bert, {"pos": "upos"}))
    assert predictor.predict_json({"words": ["a"]})["task"] == "pos"


def test_wrong_readers_and_models_are_clear_errors(
    model: Model, reader: MultiTaskDatasetReader, tiny_bert: str
) -> None:
    with pytest.raises(ConfigurationError, match="MultiTaskDatasetReader"):
        MultiTaskHeadsPredictor(model, reader.readers["pos"].inner)
    with pytest.raises(ConfigurationError, match="'multitask_heads'"):
        MultiTaskHeadsPredictor(model.heads["pos"], reader)  # type: ignore[index, arg-type]
    with pytest.raises(ConfigurationError, match="'dep' has no reader"):
        DependencyPredictor(model, make_reader(tiny_bert, {"pos": "upos"}))
