"""The gated encoder, the token embedder and backbone made of it, and layers of heads."""

from allennlp_heads.modules.find_encoder import find_encoder
from allennlp_heads.modules.gated_encoder import GatedEncoder
from allennlp_heads.modules.gated_transformer import (
    GatedTransformerBackbone,
    GatedTransformerEmbedder,
)
from allennlp_heads.modules.words import pool_words

__all__ = [
    "GatedEncoder",
    "GatedTransformerBackbone",
    "GatedTransformerEmbedder",
    "find_encoder",
    "pool_words",
]
