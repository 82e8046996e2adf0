"""Predictor of the head `tagger`."""

from allennlp.predictors import Predictor

from allennlp_heads.predictors.head_predictor import HeadPredictor


@Predictor.register("tagger")
class TaggerPredictor(HeadPredictor):
    """
    One tag a word: `{"task", "words", "tags"}`, and where the tags code spans also `"spans"`, a
    list of `{"start", "end", "label", "text"}` with words counted from 0 and the end inclusive.

    Parameters and input are those of [`HeadPredictor`](./head_predictor.md). Registered as a
    `Predictor` with name `"tagger"`.
    """

    shown = ("tags",)
    shown_if_said = ("spans",)
