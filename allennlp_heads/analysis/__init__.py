"""Figures from saved arrays: arrays in, arrays out; nothing here knows AllenNLP."""

from allennlp_heads.analysis.claims import Claims, count_claims, majority
from allennlp_heads.analysis.cost import Cost, expected_speedup, multiply_adds
from allennlp_heads.analysis.dissociation import Dissociation, Pair, dissociation
from allennlp_heads.analysis.masks import magnitude_mask, random_mask
from allennlp_heads.analysis.measures import MEASURES, Measure, accuracy, f1, measure_of
from allennlp_heads.analysis.overlap import OverlapTest, correlations, overlap_test, run_to_run
from allennlp_heads.analysis.paired import PairedTest, least_p_value, paired_test, signed_rank
from allennlp_heads.analysis.random_masks import random_masks
from allennlp_heads.analysis.same_seeds import SeedBySeed, compare_same_seeds
from allennlp_heads.analysis.significance import Comparison, compare, holm
from allennlp_heads.analysis.task_similarity import SimilarityTest, similarity_test

__all__ = [
    "MEASURES",
    "Claims",
    "Comparison",
    "Cost",
    "Dissociation",
    "Measure",
    "OverlapTest",
    "Pair",
    "PairedTest",
    "SeedBySeed",
    "SimilarityTest",
    "accuracy",
    "compare",
    "compare_same_seeds",
    "correlations",
    "count_claims",
    "dissociation",
    "expected_speedup",
    "f1",
    "holm",
    "least_p_value",
    "magnitude_mask",
    "majority",
    "measure_of",
    "multiply_adds",
    "overlap_test",
    "paired_test",
    "random_mask",
    "random_masks",
    "run_to_run",
    "signed_rank",
    "similarity_test",
]
