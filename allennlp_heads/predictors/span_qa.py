"""Predictor of the head `span_qa`."""

from typing import Any, Optional

from allennlp.common import JsonDict
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance
from allennlp.models import Model
from allennlp.predictors import Predictor

from allennlp_heads.predictors.head_predictor import HeadPredictor, heads_of
from allennlp_heads.predictors.inputs import checked_object, short


@Predictor.register("span_qa")
class SpanQaPredictor(HeadPredictor):
    """
    The answer to a question as it stands in a text: `{"task", "question", "answer", "score",
    "offsets", "n_best"}`. `offsets` are characters of the context, `context[first:last]` is the
    answer; `n_best` holds it and the others, the likeliest first, and `score` is the answer's
    probability among all that the head has looked at. Where the head may say that there is no
    answer (`null_threshold`), `answer` can be empty with `offsets` null, and `no_answer_score` says
    by how much that is the better choice (or, below 0, the worse). A threshold other than 0 may
    give an answer that is not the likeliest; in `n_best` too it comes first.

    Input is `{"question": "...", "context": "..."}`; `id`, if given, comes back. Long contexts are
    read in windows and searched as a whole. Other keys are left alone.

    Registered as a `Predictor` with name `"span_qa"`.

    # Parameters

    model, dataset_reader, task, language, frozen :
        See [`HeadPredictor`](./head_predictor.md); `language` is not used, since the encoder's
        tokenizer splits the texts.
    n_best : `int`, optional (default = `3`)
        How many answers are shown at most.
    show_context : `bool`, optional (default = `False`)
        Whether the output repeats the context.

    Raises `ConfigurationError` for an input without question or context, for one that is blank or
    no string, and for an `n_best` below 1.
    """

    shown = ("answer", "score", "offsets", "n_best")
    shown_if_said: tuple[str, ...] = ("no_answer_score",)

    def __init__(
        self,
        model: Model,
        dataset_reader: DatasetReader,
        task: Optional[str] = None,
        language: str = "en",
        frozen: bool = True,
        n_best: int = 3,
        show_context: bool = False,
    ) -> None:
        super().__init__(model, dataset_reader, task, language, frozen)
        if n_best < 1:
            raise ConfigurationError(f"'n_best' is {n_best}: give at least 1")
        self._n_best = n_best
        head = model if self._task is None else heads_of(model)[self._task]
        if getattr(head, "null_threshold", None) is None:
            self.shown_if_said = ()  # whatever it is, there is an answer
        self._repeated = ("id", "question", *(("context",) if show_context else ()))

    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        inputs = checked_object(json_dict)
        self._refuse_others(inputs.get("task", self._task))
        question, context = (_text(inputs, key) for key in ("question", "context"))
        given = {"id": str(inputs["id"])} if "id" in inputs else None
        return self._reader.text_to_instance(question, context, metadata=given)  # type: ignore[call-arg]

    def _output(self, instance: Instance, outputs: dict[str, Any]) -> JsonDict:
        said = super()._output(instance, outputs)
        given = {key: outputs[key] for key in ("answer", "score", "offsets")}
        others = [one for one in outputs["n_best"] if one["offsets"] != given["offsets"]]
        # `sanitize` has written the offsets of no answer as the text "None"
        kept = {"offsets": given["offsets"], "n_best": [given, *others][: self._n_best]}
        return {**said, **kept}

    def _given(self, instance: Instance) -> JsonDict:
        metadata = instance["metadata"].metadata  # type: ignore[attr-defined]
        return {key: metadata[key] for key in self._repeated if metadata.get(key) is not None}


def _text(inputs: JsonDict, key: str) -> str:
    if key not in inputs:
        raise ConfigurationError(
            f"the input {short(inputs)} has no '{key}': give 'question' and 'context'"
        )
    text = inputs[key]
    if not isinstance(text, str):
        raise ConfigurationError(f"'{key}' of the input {short(inputs)} must be a string")
    if not text.strip():
        raise ConfigurationError(f"'{key}' of the input {short(inputs)} is empty")
    return text
