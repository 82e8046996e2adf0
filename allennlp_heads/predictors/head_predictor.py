"""What the predictors of all heads share."""

from typing import Any, Optional

from allennlp.common import JsonDict
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import sanitize
from allennlp.data import DatasetReader, Instance
from allennlp.data.dataset_readers import MultiTaskDatasetReader
from allennlp.data.fields import MetadataField
from allennlp.models import Model
from allennlp.predictors import Predictor
from torch.nn import ModuleDict

from allennlp_heads.data.fields import be_lenient
from allennlp_heads.predictors.inputs import WordSplitter, checked_object
from allennlp_heads.predictors.numbered_lines import NumberedLines


class HeadPredictor(NumberedLines):
    """
    Predicts with one head of a `multitask_heads` model, by itself or inside the predictor
    `multitask_heads`; also with another model whose readable output has what is `shown`, such as
    AllenNLP's own `simple_tagger`, whose predictor would download a spaCy model.

    Input is `{"sentence": "raw text"}`, split into words by a blank spaCy pipeline, or `{"words":
    [...]}`. The output has `task`, `words` and what the head says in words, never tensors.

    A subclass is registered under the head's `default_predictor` and names what is `shown`.

    # Parameters

    model : `Model`
        With a dictionary `heads`, as `multitask_heads` has, or one that does a single task.
    dataset_reader : `DatasetReader`
        The task's reader, or the reader of all tasks.
    task : `str`, optional (default = `None`)
        Whose head to use. By default the only head of this kind.
    language : `str`, optional (default = `"en"`)
        spaCy's code of the language of raw sentences.
    frozen : `bool`, optional (default = `True`)
        Whether the model is put into evaluation mode.

    Raises `ConfigurationError` when the model has no head of this kind or several and no `task`
    says which, when the task has no reader, and for an input without words.
    """

    shown: tuple[str, ...]
    """What the output has beside `task` and `words`, by the names of the head's readable output."""

    shown_if_said: tuple[str, ...] = ()
    """What it also has where the head says it."""

    def __init__(
        self,
        model: Model,
        dataset_reader: DatasetReader,
        task: Optional[str] = None,
        language: str = "en",
        frozen: bool = True,
    ) -> None:
        super().__init__(model, dataset_reader, frozen=frozen)
        single = not isinstance(getattr(model, "heads", None), ModuleDict)
        self._task = None if single else self._checked_task(task)
        self._reader = (
            dataset_reader if self._task is None else reader_of(dataset_reader, self._task)
        )
        self._splitter = WordSplitter(language)

    def predict_instance(self, instance: Instance) -> JsonDict:
        """Predict one instance, from JSON or from the task's reader."""
        return self.predict_batch_instance([instance])[0]

    def predict_batch_instance(self, instances: list[Instance]) -> list[JsonDict]:
        """
        Predict instances of this task in one batch; outputs in the order of the input. With a
        `multitask_heads` model their gold labels may be unseen in training.
        """
        for instance in instances:
            self._name_task(instance)
            if self._task is not None:  # the heads of this model know what unseen labels are
                be_lenient(instance)
            self._reader.apply_token_indexers(instance)
        outputs = self._model.forward_on_instances(instances)
        return [self._output(*pair) for pair in zip(instances, outputs)]

    def _output(self, instance: Instance, outputs: dict[str, Any]) -> JsonDict:
        missing = sorted(set(self.shown) - set(outputs))
        if missing:
            raise ConfigurationError(
                f"{type(self).__name__} shows {missing}, which the model "
                f"{type(self._model).__name__} does not say"
            )
        task = {} if self._task is None else {"task": self._task}
        also = [key for key in self.shown_if_said if key in outputs]
        shown = {key: outputs[key] for key in (*self.shown, *also)}
        return sanitize({**task, **self._given(instance), **shown})

    def _given(self, instance: Instance) -> JsonDict:
        """What of the input the output repeats."""
        return {"words": instance["metadata"].metadata["words"]}  # type: ignore[attr-defined]

    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        inputs = checked_object(json_dict)
        self._refuse_others(inputs.get("task", self._task))
        return self._reader.text_to_instance(words=self._splitter.words_of(inputs))  # type: ignore[call-arg]

    def _name_task(self, instance: Instance) -> None:
        if self._task is None:
            return
        if "task" not in instance.fields:
            instance.add_field("task", MetadataField(self._task))
        self._refuse_others(instance["task"].metadata)  # type: ignore[attr-defined]

    def _refuse_others(self, task: Any) -> None:
        if task != self._task:
            raise ConfigurationError(
                f"an input of the task {task!r} came to the predictor of '{self._task}': "
                "leave --predictor out and every task gets its own"
            )

    def _checked_task(self, task: Optional[str]) -> str:
        heads = heads_of(self._model)
        own = [name for name, head in heads.items() if self._serves(head)]
        if task in own:
            return str(task)
        if task is None and len(own) == 1:
            return own[0]
        asked = "" if task is None else f" for the task '{task}'"
        if not own or task is not None:
            raise ConfigurationError(
                f"{type(self).__name__} has no head{asked}: "
                f"its own are {own}, the model has {sorted(heads)}"
            )
        raise ConfigurationError(
            f"{type(self).__name__} has a choice of heads, {own}: leave --predictor out and write "
            f'"task": "{own[0]}" into the input (or, with --use-dataset-reader, give '
            f'--multitask-head {own[0]}), or choose by --predictor-args \'{{"task": "{own[0]}"}}\''
        )

    def _serves(self, head: Any) -> bool:
        name = head.default_predictor
        return name is not None and isinstance(self, Predictor.by_name(name))  # type: ignore[arg-type]


def heads_of(model: Model) -> ModuleDict:
    """The heads of a `multitask_heads` model, by task; `ConfigurationError` for another model."""
    heads = getattr(model, "heads", None)
    if not isinstance(heads, ModuleDict):
        raise ConfigurationError(
            f"this predictor needs the model 'multitask_heads', not {type(model).__name__}"
        )
    return heads


def reader_of(dataset_reader: DatasetReader, task: str) -> DatasetReader:
    """The reader of one task; `ConfigurationError` when there is none."""
    if not isinstance(dataset_reader, MultiTaskDatasetReader):
        return dataset_reader
    if task not in dataset_reader.readers:
        raise ConfigurationError(
            f"the task '{task}' has no reader: the readers are {sorted(dataset_reader.readers)}"
        )
    return dataset_reader.readers[task].inner
