"""Predictor of the head `span_ner`."""

from allennlp.predictors import Predictor

from allennlp_heads.predictors.head_predictor import HeadPredictor


@Predictor.register("span_ner")
class SpanNerPredictor(HeadPredictor):
    """
    Labelled spans: `{"task", "words", "spans"}`. `spans` is a list of `{"start", "end", "label",
    "text"}`, in the order of the words, which are counted from 0; the end is inclusive.

    Parameters and input are those of [`HeadPredictor`](./head_predictor.md). Registered as a
    `Predictor` with name `"span_ner"`.
    """

    shown = ("spans",)
