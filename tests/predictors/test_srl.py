"""Predictor of semantic roles, alone and inside that of all heads."""

from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Vocabulary
from allennlp.models import Model
from allennlp.predictors import Predictor

from allennlp_heads import data, models, modules
from allennlp_heads.predictors import MultiTaskHeadsPredictor, SrlPredictor

assert data and models and modules  # imported for what they register

WORDS = ["the", "old", "dog", "saw", "Anna", "in", "the", "garden"]
LABELS = {"srl_labels": ["ARG0", "ARG1", "ARGM-LOC"]}
TASKS = {"srl": "predicted", "roles": "given"}


@pytest.fixture(scope="module")
def reader(tiny_bert: str) -> Any:
    indexer = {"type": "transformer_words", "transformer_model": tiny_bert}
    readers = {
        task: {"type": "ontonotes", "view": "srl", "token_indexers": {"tokens": dict(indexer)}}
        for task in TASKS
    }
    return DatasetReader.from_params(Params({"type": "multitask_heads", "readers": readers}))


@pytest.fixture(scope="module")
def model(tiny_bert: str) -> Model:
    heads = {task: {"type": "srl", "predicates": kind} for task, kind in TASKS.items()}
    backbone = {"type": "gated_transformer", "transformer_model": tiny_bert}
    config = {"type": "multitask_heads", "backbone": backbone, "heads": heads}
    vocab = Vocabulary(non_padded_namespaces=["*labels"], tokens_to_add=LABELS)
    torch.manual_seed(0)
    model: Any = Model.from_params(Params(config), vocab=vocab)
    for head in model.heads.values():
        torch.nn.init.normal_(head.ranking.pair_scorer.output.weight)
    return model


def check(frame: dict[str, Any]) -> None:
    """One frame says what stands where."""
    assert frame["predicate"]["text"] == WORDS[frame["predicate"]["position"]]
    for argument in frame["arguments"]:
        assert list(argument) == ["start", "end", "label", "text"]
        assert argument["text"] == " ".join(WORDS[argument["start"] : argument["end"] + 1])
        assert argument["label"] in LABELS["srl_labels"]


def test_predicates_are_found(model: Model, reader: Any) -> None:
    predictor: Any = Predictor.by_name("srl")(model, reader, task="srl")
    assert isinstance(predictor, SrlPredictor)
    output = predictor.predict_json({"words": WORDS})
    assert list(output) == ["task", "words", "frames"]
    assert output["frames"]
    for frame in output["frames"]:
        assert frame["arguments"]
        check(frame)
    assert predictor.predict_json({"sentence": " ".join(WORDS)}) == output
    with pytest.raises(ConfigurationError, match="finds the predicates itself"):
        predictor.predict_json({"words": WORDS, "predicates": [3]})


def test_predicates_are_given(model: Model, reader: Any) -> None:
    predictor = SrlPredictor(model, reader, task="roles")
    frames = predictor.predict_json({"words": WORDS, "predicates": [7, 3]})["frames"]
    assert [frame["predicate"]["position"] for frame in frames] == [3, 7]
    assert any(frame["arguments"] for frame in frames)
    for frame in frames:
        check(frame)
    assert predictor.predict_json({"words": WORDS, "predicates": []})["frames"] == []
    for wrong in ([8], [-1], [True], ["saw"], 3, None):
        with pytest.raises(ConfigurationError, match="positions of its 8 words, from 0 to 7"):
            predictor.predict_json({"words": WORDS, "predicates": wrong})
    with pytest.raises(ConfigurationError, match="is given its predicates"):
        predictor.predict_json({"words": WORDS})


def test_batches_and_single_sentences(model: Model, reader: Any) -> None:
    predictor = MultiTaskHeadsPredictor(model, reader)
    inputs: list[dict[str, Any]] = []
    for length in (8, 1, 5):
        inputs.append({"task": "srl", "words": WORDS[:length]})
        inputs.append({"task": "roles", "words": WORDS[:length], "predicates": [length - 1]})
    together = predictor.predict_batch_json(inputs)
    assert together == [predictor.predict_json(one) for one in inputs]


def test_instances_of_the_reader(model: Model, reader: Any, tmp_path: Any) -> None:
    """Predicates of the data are given to the head that needs them."""
    rows = [
        f"x 0 {place} {word} NN {bit} {lemma} - - - * {own} -\n"
        for place, word, bit, lemma, own in (
            (0, "dogs", "(TOP*", "-", "(ARG0*)"),
            (1, "see", "*", "see", "(V*)"),
            (2, "cats", "*)", "-", "(UNSEEN*)"),
        )
    ]
    path = tmp_path / "some.gold_conll"
    path.write_text("#begin document (x); part 000\n" + "".join(rows) + "\n#end document\n")
    predictor = SrlPredictor(model, reader, task="roles")
    (output,) = predictor.predict_batch_instance(list(reader.read(str(path), force_task="roles")))
    assert [frame["predicate"] for frame in output["frames"]] == [{"position": 1, "text": "see"}]
