"""Metrics of the task heads."""

from allennlp_heads.training.metrics.attachment_scores import (
    DependencyScores,
    is_punctuation,
    punctuation_mask,
)

__all__ = ["DependencyScores", "is_punctuation", "punctuation_mask"]
