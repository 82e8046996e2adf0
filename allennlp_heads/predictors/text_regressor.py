"""Predictor of the head `text_regressor`."""

from allennlp.predictors import Predictor

from allennlp_heads.predictors.text_predictor import TextPredictor


@Predictor.register("text_regressor")
class TextRegressorPredictor(TextPredictor):
    """
    The score of a text or pair: `{"task", "text", "text_pair", "score"}`, `text_pair` only where
    there is one.

    Parameters and input are those of [`TextPredictor`](./text_predictor.md). Registered as a
    `Predictor` with name `"text_regressor"`.
    """

    shown = ("score",)
