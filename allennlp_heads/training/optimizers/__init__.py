"""Optimizers that AllenNLP does not have."""

from allennlp_heads.training.optimizers.adamw_fused import AdamWFused

__all__ = ["AdamWFused"]
