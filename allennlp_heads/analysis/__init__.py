"""Figures from saved arrays: arrays in, arrays out; nothing here knows AllenNLP."""

from allennlp_heads.analysis.significance import (
    Comparison,
    accuracy,
    compare,
    f1,
    holm,
)

__all__ = ["Comparison", "accuracy", "compare", "f1", "holm"]
