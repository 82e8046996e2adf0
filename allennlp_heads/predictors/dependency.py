"""Predictor of the head `dependency`."""

from allennlp.predictors import Predictor

from allennlp_heads.predictors.head_predictor import HeadPredictor


@Predictor.register("dependency")
class DependencyPredictor(HeadPredictor):
    """
    A dependency tree: `{"task", "words", "heads", "relations", "conllu"}`. `heads` counts words
    from 1, 0 is the root; `conllu` is the sentence in CoNLL-U.

    Parameters and input are those of [`HeadPredictor`](./head_predictor.md). Registered as a
    `Predictor` with name `"dependency"`.
    """

    shown = ("heads", "relations", "conllu")
