"""Predictors: what `allennlp predict` and Python callers use."""

from allennlp_heads.predictors.dependency import DependencyPredictor
from allennlp_heads.predictors.head_predictor import HeadPredictor
from allennlp_heads.predictors.multitask_heads import MultiTaskHeadsPredictor
from allennlp_heads.predictors.tagger import TaggerPredictor

__all__ = ["DependencyPredictor", "HeadPredictor", "MultiTaskHeadsPredictor", "TaggerPredictor"]
