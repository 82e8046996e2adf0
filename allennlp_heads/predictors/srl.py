"""Predictor of the head `srl`."""

from typing import Any

from allennlp.common import JsonDict
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from allennlp.predictors import Predictor

from allennlp_heads.predictors.head_predictor import HeadPredictor, heads_of
from allennlp_heads.predictors.inputs import checked_object


@Predictor.register("srl")
class SrlPredictor(HeadPredictor):
    """
    Semantic roles: `{"task", "words", "frames"}`, with `frames` as `{"predicate": {"position",
    "text"}, "arguments": [{"start", "end", "label", "text"}]}`. Positions of words count from 0,
    ends are inclusive.

    A head that is given its predicates needs them in the input: `{"words": [...], "predicates":
    [positions]}`; a head that finds them refuses them.

    Parameters and the rest of the input are those of [`HeadPredictor`](./head_predictor.md).
    Registered as a `Predictor` with name `"srl"`.
    """

    shown = ("frames",)

    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        inputs = checked_object(json_dict)
        given = heads_of(self._model)[str(self._task)].predicates == "given"
        if not given and "predicates" in inputs:
            raise ConfigurationError(
                "'predicates' is in the input, but this model finds the predicates itself: leave "
                'it out, or train the head with "predicates": "given"'
            )
        if not given:
            return super()._json_to_instance(inputs)
        self._refuse_others(inputs.get("task", self._task))
        words = self._splitter.words_of(inputs)
        predicates = _checked_positions(inputs.get("predicates"), len(words))
        return self._reader.text_to_instance(words=words, predicates=predicates)  # type: ignore[call-arg]


def _checked_positions(positions: Any, length: int) -> list[int]:
    whole = isinstance(positions, list) and all(type(place) is int for place in positions)
    if not whole or not all(0 <= place < length for place in positions):
        raise ConfigurationError(
            f"'predicates' of the input must be a list of positions of its {length} words, from 0 "
            f"to {length - 1}, but it is {positions!r}: this model is given its predicates"
        )
    return list(positions)
