"""Learning rates in the course of the training."""

from allennlp_heads.training.learning_rate_schedulers.linear_with_fractional_warmup import (
    LinearWithFractionalWarmup,
)

__all__ = ["LinearWithFractionalWarmup"]
