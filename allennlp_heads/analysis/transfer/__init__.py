"""
Which task helps which: similarities of task embeddings, rankings of source tasks, and their
evaluation against measured transfer. Arrays in, arrays out.
"""

from allennlp_heads.analysis.transfer.baselines import curve_gradient, of_sources
from allennlp_heads.analysis.transfer.candidates import Coverage, allowed_sources, coverage
from allennlp_heads.analysis.transfer.evaluation import MethodEvaluation, evaluate
from allennlp_heads.analysis.transfer.factors import Factor, Factors, explain_gains
from allennlp_heads.analysis.transfer.fusion import rrf
from allennlp_heads.analysis.transfer.layers import LayerMap, layer_map
from allennlp_heads.analysis.transfer.measures import RankingMeasure, ranking_measures
from allennlp_heads.analysis.transfer.over_targets import MeasureScore
from allennlp_heads.analysis.transfer.paired_methods import MethodDifference, compare_methods
from allennlp_heads.analysis.transfer.places import Places, places, ranks
from allennlp_heads.analysis.transfer.ranking import (
    BASELINES,
    CURVE_GRADIENT,
    DATA_SIZE,
    KINDS,
    RANDOM,
    kind_of,
    ranking_methods,
)
from allennlp_heads.analysis.transfer.similarity import cosine, similarities, without_direction

__all__ = [
    "BASELINES",
    "CURVE_GRADIENT",
    "DATA_SIZE",
    "KINDS",
    "RANDOM",
    "Coverage",
    "Factor",
    "Factors",
    "LayerMap",
    "MeasureScore",
    "MethodDifference",
    "MethodEvaluation",
    "Places",
    "RankingMeasure",
    "allowed_sources",
    "compare_methods",
    "cosine",
    "coverage",
    "curve_gradient",
    "evaluate",
    "explain_gains",
    "kind_of",
    "layer_map",
    "of_sources",
    "places",
    "ranking_measures",
    "ranking_methods",
    "ranks",
    "rrf",
    "similarities",
    "without_direction",
]
