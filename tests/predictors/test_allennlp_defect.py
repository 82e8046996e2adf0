"""
Why AllenNLP's own multi-task predictor is not used: its outputs come grouped by task, and it takes
`task` out of the caller's dictionary.
"""

from typing import Any

import torch
from allennlp.data import DatasetReader, Instance, Vocabulary
from allennlp.data.dataset_readers import MultiTaskDatasetReader
from allennlp.data.fields import MetadataField, TensorField
from allennlp.models import MultiTaskModel
from allennlp.models.heads import Head
from allennlp.modules import Backbone
from allennlp.predictors import MultiTaskPredictor, Predictor


@Predictor.register("number_for_this_test")
class NumberPredictor(Predictor):
    """Reads `{"number": ...}`."""

    def _json_to_instance(self, json_dict: dict[str, Any]) -> Instance:
        return self._dataset_reader.text_to_instance(json_dict["number"])


class _NumberReader(DatasetReader):
    def text_to_instance(self, number: float) -> Instance:  # type: ignore[override]
        return Instance({"number": TensorField(torch.tensor(number))})

    def apply_token_indexers(self, instance: Instance) -> None:
        pass


class _PassOn(Backbone):
    def forward(self, number: torch.Tensor) -> dict[str, torch.Tensor]:  # type: ignore[override]
        return {"encoded": number}


class _Echo(Head):
    default_predictor = "number_for_this_test"

    def __init__(self, vocab: Vocabulary) -> None:
        super().__init__(vocab)
        self.weight = torch.nn.Parameter(torch.ones(1))

    def forward(self, encoded: torch.Tensor) -> dict[str, torch.Tensor]:  # type: ignore[override]
        return {"said": encoded * self.weight}


def _predictor() -> MultiTaskPredictor:
    vocabulary = Vocabulary()
    heads = {"a": _Echo(vocabulary), "b": _Echo(vocabulary)}
    model = MultiTaskModel(vocabulary, _PassOn(), heads)
    reader = MultiTaskDatasetReader({"a": _NumberReader(), "b": _NumberReader()})
    return MultiTaskPredictor(model, reader)


def _instances() -> list[Instance]:
    made = []
    for number, task in enumerate("abab"):
        instance = _NumberReader().text_to_instance(float(number))
        instance.add_field("task", MetadataField(task))
        made.append(instance)
    return made


def test_allennlp_returns_outputs_out_of_order() -> None:
    outputs = _predictor().predict_batch_instance(_instances())
    said = [next(v for k, v in output.items() if k.endswith("said")) for output in outputs]
    assert [float(number) for number in said] == [0.0, 2.0, 1.0, 3.0]


def test_allennlp_changes_the_callers_dictionary() -> None:
    inputs = {"task": "a", "number": 1.0}
    _predictor().predict_json(inputs)
    assert "task" not in inputs
