"""The predictor of all heads of a model."""

from collections import defaultdict
from typing import Any

from allennlp.common import JsonDict
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance
from allennlp.data.dataset_readers import MultiTaskDatasetReader
from allennlp.data.fields import MetadataField
from allennlp.models import Model
from allennlp.predictors import MultiTaskPredictor, Predictor

from allennlp_heads.predictors.head_predictor import HeadPredictor, heads_of
from allennlp_heads.predictors.inputs import checked_object, short
from allennlp_heads.predictors.numbered_lines import NumberedLines


@Predictor.register("multitask_heads")
class MultiTaskHeadsPredictor(NumberedLines, MultiTaskPredictor):
    """
    Predicts with every head of a `multitask_heads` model: the input says under `task` which one,
    and the rest of it is what that head's own predictor takes. Where the model has one head only,
    `task` may be left out.

    Unlike AllenNLP's `multitask` predictor it returns outputs in the order of the inputs, whatever
    their tasks, and leaves the caller's dictionaries as they are. Inputs of the same task are
    batched together.

    Registered as a `Predictor` with name `"multitask_heads"`, the default of the model of that
    name.

    # Parameters

    model : `Model`
        With a dictionary `heads`, as `multitask_heads` has.
    dataset_reader : `DatasetReader`
        The `MultiTaskDatasetReader` the model was trained with.
    language : `str`, optional (default = `"en"`)
        spaCy's code of the language of raw sentences.
    frozen : `bool`, optional (default = `True`)
        Whether the model is put into evaluation mode.

    Raises `ConfigurationError` for another model or reader, and for an input whose task is missing
    or unknown.
    """

    def __init__(
        self,
        model: Model,
        dataset_reader: DatasetReader,
        language: str = "en",
        frozen: bool = True,
    ) -> None:
        # MultiTaskPredictor's own constructor insists on AllenNLP's MultiTaskModel.
        Predictor.__init__(self, model, dataset_reader, frozen=frozen)
        if not isinstance(dataset_reader, MultiTaskDatasetReader):
            raise ConfigurationError(self._WRONG_READER_ERROR)
        options = {"language": language, "frozen": frozen}
        self.predictors = {
            task: _predictor(task, model, dataset_reader, options)
            for task in heads_of(model)
            if task in dataset_reader.readers
        }

    def predict_instance(self, instance: Instance) -> JsonDict:
        """Predict one instance with the head its field `task` names."""
        return self.predict_batch_instance([instance])[0]

    def predict_batch_instance(self, instances: list[Instance]) -> list[JsonDict]:
        """
        # Parameters

        instances : `List[Instance]`
            Each with a `MetadataField` `task`, in any order.

        # Returns

        `List[JsonDict]`
            One output an instance, in the order of `instances`.
        """
        places: dict[str, list[int]] = defaultdict(list)
        for place, instance in enumerate(instances):
            places[self._task_of(instance)].append(place)
        outputs: dict[int, JsonDict] = {}
        for task, own in places.items():
            predicted = self.predictors[task].predict_batch_instance([instances[i] for i in own])
            outputs.update((i, {"task": task, **output}) for i, output in zip(own, predicted))
        return [outputs[place] for place in range(len(instances))]

    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        inputs = dict(checked_object(json_dict))
        task = self._checked(inputs.pop("task", None), json_dict)
        instance = self.predictors[task]._json_to_instance(inputs)
        instance.add_field("task", MetadataField(task))
        return instance

    def _task_of(self, instance: Instance) -> str:
        field = instance.fields.get("task")
        if not isinstance(field, MetadataField):
            raise ConfigurationError(self._WRONG_FIELD_ERROR)
        return self._checked(field.metadata, instance)

    def _checked(self, task: Any, of: Any) -> str:
        tasks = sorted(self.predictors)
        if task is None and len(tasks) == 1:
            return tasks[0]
        if not isinstance(task, str) or task not in self.predictors:
            problem = (
                f"the input {short(of)} names no task"
                if task is None
                else f"there is no task {task!r}, as in the input {short(of)}"
            )
            raise ConfigurationError(f'{problem}: give "task" one of {tasks}')
        return task


def _predictor(
    task: str, model: Model, reader: MultiTaskDatasetReader, options: dict[str, Any]
) -> Predictor:
    name = heads_of(model)[task].default_predictor
    kind: Any = Predictor.by_name(name) if name is not None else Predictor  # type: ignore[arg-type]
    inner = reader.readers[task].inner
    return (
        kind(model, inner, task=task, **options)
        if issubclass(kind, HeadPredictor)
        else kind(model, inner)
    )
