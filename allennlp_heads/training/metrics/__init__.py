"""Metrics of the task heads."""

from allennlp_heads.distributed.worker_metric import WorkerMetric
from allennlp_heads.training.metrics.answer_scores import AnswerScores, answer_scores
from allennlp_heads.training.metrics.attachment_scores import (
    DependencyScores,
    is_punctuation,
    punctuation_mask,
)
from allennlp_heads.training.metrics.bracket_scores import BracketScores
from allennlp_heads.training.metrics.measured import Measured
from allennlp_heads.training.metrics.span_scores import SpanScores, span_counts
from allennlp_heads.training.metrics.srl_scores import SrlScores

__all__ = [
    "AnswerScores",
    "BracketScores",
    "DependencyScores",
    "Measured",
    "SpanScores",
    "SrlScores",
    "WorkerMetric",
    "answer_scores",
    "is_punctuation",
    "punctuation_mask",
    "span_counts",
]
