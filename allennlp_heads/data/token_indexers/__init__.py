"""Token indexers for pretrained encoders."""

from allennlp_heads.data.token_indexers.transformer_indexer import TransformerIndexer
from allennlp_heads.data.token_indexers.transformer_pieces import TransformerPiecesIndexer
from allennlp_heads.data.token_indexers.transformer_words import TransformerWordsIndexer

__all__ = ["TransformerIndexer", "TransformerPiecesIndexer", "TransformerWordsIndexer"]
