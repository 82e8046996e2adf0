"""Predictor of the head `constituency`."""

from allennlp.common import JsonDict
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from allennlp.predictors import Predictor

from allennlp_heads.predictors.head_predictor import HeadPredictor
from allennlp_heads.predictors.inputs import short


@Predictor.register("constituency")
class ConstituencyPredictor(HeadPredictor):
    """
    A constituency tree: `{"task", "words", "tree"}`. `tree` is in brackets on one line, `(TOP (NP
    (XX word)))`; parentheses in words are written `-LRB-` and `-RRB-`.

    Parameters and input are those of [`HeadPredictor`](./head_predictor.md); beside `words`, the
    input may give their parts of speech as `pos`, which the tree then shows instead of `XX`.
    Registered as a `Predictor` with name `"constituency"`.
    """

    shown = ("tree",)

    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        instance = super()._json_to_instance(json_dict)
        if "pos" in json_dict:
            metadata = instance["metadata"].metadata  # type: ignore[attr-defined]
            metadata["pos"] = _checked(json_dict["pos"], metadata["words"])
        return instance


def _checked(pos: object, words: list[str]) -> list[str]:
    if not isinstance(pos, list) or len(pos) != len(words) or not all(map(_is_tag, pos)):
        raise ConfigurationError(
            f"'pos' of the input must be a list of {len(words)} strings without blanks, one for "
            f"each of the words {short(words)}"
        )
    return list(pos)


def _is_tag(tag: object) -> bool:
    return isinstance(tag, str) and tag.split() == [tag]  # else the tree would have other words
