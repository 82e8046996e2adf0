"""What the predictors of heads on whole texts and pairs of texts share."""

from typing import Optional

from allennlp.common import JsonDict
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance

from allennlp_heads.predictors.head_predictor import HeadPredictor
from allennlp_heads.predictors.inputs import checked_object, short

SINGLE = ("text", "sentence")
PAIRS = (
    ("text", "text_pair"),
    ("sentence1", "sentence2"),
    ("question1", "question2"),
    ("question", "sentence"),
    ("premise", "hypothesis"),
    ("#1 String", "#2 String"),
)
"""Names of both texts of a pair; besides the first they are GLUE's and those of its papers."""


class TextPredictor(HeadPredictor):
    """
    Predicts one thing of a whole text or of a pair of texts.

    Input is `{"text": "raw text"}` or `{"sentence": ...}`, for a pair `{"text", "text_pair"}`,
    `{"sentence1", "sentence2"}`, `{"question1", "question2"}`, `{"question", "sentence"}` or
    `{"premise", "hypothesis"}`; other keys are left alone. The output has `task`, `text`, for pairs
    `text_pair`, and what the head says.

    Parameters are those of [`HeadPredictor`](./head_predictor.md); `language` is not used, since
    the encoder's tokenizer splits the texts.

    Raises `ConfigurationError` for an input without text, or with half a pair.
    """

    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        inputs = checked_object(json_dict)
        self._refuse_others(inputs.get("task", self._task))
        first, second = texts_of(inputs)
        return self._reader.text_to_instance(first, second)

    def _given(self, instance: Instance) -> JsonDict:
        metadata = instance["metadata"].metadata  # type: ignore[attr-defined]
        return {key: metadata[key] for key in ("text", "text_pair") if key in metadata}


def texts_of(inputs: JsonDict) -> tuple[str, Optional[str]]:
    """
    # Parameters

    inputs : `JsonDict`
        With the keys of a text or of a pair that `TextPredictor` knows.

    # Returns

    `Tuple[str, Optional[str]]`
        The text, or both texts of the pair.

    Raises `ConfigurationError` for anything else.
    """
    pair = next((pair for pair in PAIRS if inputs.keys() >= set(pair)), None)
    if pair is not None:
        return _text(inputs, pair[0]), _text(inputs, pair[1])
    for first, second in PAIRS:
        alone = next((key for key in (first, second) if key in inputs and key not in SINGLE), None)
        if alone is not None:
            raise ConfigurationError(
                f"the input {short(inputs)} has '{alone}' alone: give '{first}' and '{second}'"
            )
    single = next((key for key in SINGLE if key in inputs), None)
    if single is None:
        raise ConfigurationError(
            f"the input {short(inputs)} has no text: give 'text' or 'sentence', or for a pair "
            f"{', '.join(' and '.join(map(repr, pair)) for pair in PAIRS)}"
        )
    return _text(inputs, single), None


def _text(inputs: JsonDict, key: str) -> str:
    if not isinstance(inputs[key], str):
        raise ConfigurationError(f"'{key}' of the input {short(inputs)} must be a string")
    return str(inputs[key])
