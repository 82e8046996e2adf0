"""Figures from saved arrays: arrays in, arrays out; nothing here knows AllenNLP."""

from allennlp_heads.analysis.claims import Claims, count_claims, majority
from allennlp_heads.analysis.cost import Cost, expected_speedup, multiply_adds
from allennlp_heads.analysis.masks import magnitude_mask, random_mask
from allennlp_heads.analysis.overlap import OverlapTest, correlations, overlap_test, run_to_run
from allennlp_heads.analysis.significance import (
    Comparison,
    accuracy,
    compare,
    f1,
    holm,
)

__all__ = [
    "Claims",
    "Comparison",
    "Cost",
    "OverlapTest",
    "accuracy",
    "compare",
    "correlations",
    "count_claims",
    "expected_speedup",
    "f1",
    "holm",
    "magnitude_mask",
    "majority",
    "multiply_adds",
    "overlap_test",
    "random_mask",
    "run_to_run",
]
