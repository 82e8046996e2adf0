"""Predictor of the head `text_classifier`."""

from allennlp.predictors import Predictor

from allennlp_heads.predictors.text_predictor import TextPredictor


@Predictor.register("text_classifier_head")
class TextClassifierPredictor(TextPredictor):
    """
    The label of a text or pair: `{"task", "text", "text_pair", "label", "probabilities"}`, the last
    a dictionary with the probability of each label; `text_pair` only where there is one.

    Parameters and input are those of [`TextPredictor`](./text_predictor.md). Registered as a
    `Predictor` with name `"text_classifier_head"`: AllenNLP has another one of the head's name.
    """

    shown = ("label", "probabilities")
