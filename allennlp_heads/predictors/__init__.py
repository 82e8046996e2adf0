"""Predictors: what `allennlp predict` and Python callers use."""

from allennlp_heads.predictors.constituency import ConstituencyPredictor
from allennlp_heads.predictors.dependency import DependencyPredictor
from allennlp_heads.predictors.head_predictor import HeadPredictor
from allennlp_heads.predictors.head_probe import HeadProbePredictor
from allennlp_heads.predictors.multitask_heads import MultiTaskHeadsPredictor
from allennlp_heads.predictors.span_ner import SpanNerPredictor
from allennlp_heads.predictors.span_qa import SpanQaPredictor
from allennlp_heads.predictors.srl import SrlPredictor
from allennlp_heads.predictors.tagger import TaggerPredictor
from allennlp_heads.predictors.text_classifier import TextClassifierPredictor
from allennlp_heads.predictors.text_predictor import TextPredictor
from allennlp_heads.predictors.text_regressor import TextRegressorPredictor

__all__ = [
    "ConstituencyPredictor",
    "DependencyPredictor",
    "HeadPredictor",
    "HeadProbePredictor",
    "MultiTaskHeadsPredictor",
    "SpanNerPredictor",
    "SpanQaPredictor",
    "SrlPredictor",
    "TaggerPredictor",
    "TextClassifierPredictor",
    "TextPredictor",
    "TextRegressorPredictor",
]
