"""Vectors that say what a task is like, from its texts, its gradients and its heads."""

from allennlp_heads.collect.embedding.options import EmbeddingOptions
from allennlp_heads.collect.embedding.task import embed_task_and_heads
from allennlp_heads.collect.embedding.text import embed_text

__all__ = ["EmbeddingOptions", "embed_task_and_heads", "embed_text"]
