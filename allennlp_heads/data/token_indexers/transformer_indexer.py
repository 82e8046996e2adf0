"""What both indexers of pretrained encoders share: the tokenizer and the padding."""

from typing import Any, Optional

import torch
from allennlp.data.token_indexers import TokenIndexer
from allennlp.data.token_indexers.token_indexer import IndexedTokenList
from allennlp.data.tokenizers import Token

from allennlp_heads.data.tokenizers.fast import open_tokenizer


class TransformerIndexer(TokenIndexer):
    """
    Base of `transformer_words` and `transformer_pieces`, whose pages describe the parameters.

    Padding comes after the text: `tokenizer.pad_token_id` (0 where there is none) for `token_ids`,
    the tokenizer's padding segment for `type_ids`, `False` for masks and 0 for everything else.

    Raises `ConfigurationError` when there is no such encoder or it has no fast tokenizer.
    """

    keys: dict[str, torch.dtype]
    """What `tokens_to_indices` gives, and the type of each tensor."""

    def __init__(
        self,
        transformer_model: str,
        serialization_dir: Optional[str] = None,
        token_min_padding_length: int = 0,
        words: bool = False,
    ) -> None:
        super().__init__(token_min_padding_length)
        self._tokenizer = open_tokenizer(transformer_model, serialization_dir, words)
        self._padding = {
            "token_ids": self._tokenizer.pad_token_id or 0,
            "type_ids": self._tokenizer.pad_token_type_id,
        }

    def count_vocab_items(self, token: Token, counter: dict[str, dict[str, int]]) -> None:
        """Nothing to count: the encoder brings its vocabulary."""

    def get_empty_token_list(self) -> IndexedTokenList:
        """The indices of a text that is padding only."""
        return {key: [] for key in self.keys}

    def as_padded_tensor_dict(
        self, tokens: IndexedTokenList, padding_lengths: dict[str, int]
    ) -> dict[str, torch.Tensor]:
        """One tensor a key: `[n]`, for `offsets` `[n, 2]`, with `n` from `padding_lengths`."""
        return {
            key: _padded(
                values, padding_lengths[key], self.keys[key], self._padding.get(key, 0), key
            )
            for key, values in tokens.items()
        }


def _padded(
    values: list[Any], length: int, dtype: torch.dtype, filler: int, key: str
) -> torch.Tensor:
    shape = (length, 2) if key == "offsets" else (length,)
    padded = torch.full(shape, filler, dtype=dtype)
    if values:
        padded[: len(values)] = torch.tensor(values[:length], dtype=dtype)
    return padded
