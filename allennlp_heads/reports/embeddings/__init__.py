"""Embeddings of tasks as files: arrays by name, and a manifest that says what they are."""

from allennlp_heads.reports.embeddings.alike import require_alike
from allennlp_heads.reports.embeddings.embedding import Embedding
from allennlp_heads.reports.embeddings.files import (
    read_embedding,
    read_embeddings,
    write_embedding,
)

__all__ = [
    "Embedding",
    "read_embedding",
    "read_embeddings",
    "require_alike",
    "write_embedding",
]
