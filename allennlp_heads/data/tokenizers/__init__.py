"""Tokenizers of raw text."""

from allennlp_heads.data.tokenizers.transformer_pieces import TransformerPiecesTokenizer

__all__ = ["TransformerPiecesTokenizer"]
