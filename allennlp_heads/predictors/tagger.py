"""Predictor of the head `tagger`."""

from allennlp.predictors import Predictor

from allennlp_heads.predictors.head_predictor import HeadPredictor


@Predictor.register("tagger")
class TaggerPredictor(HeadPredictor):
    """
    One tag a word: `{"task", "words", "tags"}`.

    Parameters and input are those of [`HeadPredictor`](./head_predictor.md). Registered as a
    `Predictor` with name `"tagger"`.
    """

    shown = ("tags",)
