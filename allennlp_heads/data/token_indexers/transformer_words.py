"""Pre-split words to the pieces of a transformer, with the place of every word among them."""

from typing import Any, Optional

import torch
from allennlp.data import Vocabulary
from allennlp.data.token_indexers import TokenIndexer
from allennlp.data.token_indexers.token_indexer import IndexedTokenList
from allennlp.data.tokenizers import Token

from allennlp_heads.data.token_indexers.transformer_indexer import TransformerIndexer
from allennlp_heads.data.tokenizers.fast import (
    PLAIN,
    is_byte_level,
    type_ids_of,
    without_surrogates,
)

_Piece = tuple[int, int, Optional[int]]  # id, segment, word


@TokenIndexer.register("transformer_words")
class TransformerWordsIndexer(TransformerIndexer):
    """
    Indexes words that are already split, for a task with one label a word.

    Each word is split into pieces on its own by the encoder's fast tokenizer. A byte-level BPE
    (RoBERTa, GPT-2, DeBERTa, ModernBERT) sees every word as it appears after a space, which is how
    it met most words in pretraining. A word that loses all its pieces (a zero-width space, say)
    becomes the unknown token, so that every word has at least one piece at its place. A word that
    looks like a special token ("[SEP]", "</s>") is split as text. Nothing is ever cut: the encoder
    reads long texts in windows.

    Registered as a `TokenIndexer` with name `"transformer_words"`. With T pieces and W words it
    gives

    - `token_ids` `[T]`, special tokens included, and `type_ids` `[T]`, their segments;
    - `wordpiece_mask` `[T]` and `mask` `[W]`: which pieces and which words are not padding;
    - `special_mask` `[T]`: true on the tokens added around the words, [CLS] and [SEP] for instance;
    - `offsets` `[W, 2]`: first and last piece of each word, inclusive.

    # Parameters

    transformer_model : `str`
        The encoder: a hub name, a folder, or `package:<package>/<folder>`. The same as in the
        model.
    serialization_dir : `str`, optional (default = `None`)
        Given by AllenNLP: where an archive carries its own copy of the tokenizer.
    token_min_padding_length : `int`, optional (default = `0`)
        Smallest length to pad to.

    Raises `ConfigurationError` when there is no such encoder or it has no fast tokenizer.
    """

    keys = {
        "token_ids": torch.long,
        "mask": torch.bool,
        "type_ids": torch.long,
        "wordpiece_mask": torch.bool,
        "special_mask": torch.bool,
        "offsets": torch.long,
    }

    def __init__(
        self,
        transformer_model: str,
        serialization_dir: Optional[str] = None,
        token_min_padding_length: int = 0,
    ) -> None:
        super().__init__(transformer_model, serialization_dir, token_min_padding_length, words=True)
        self._byte_level = is_byte_level(self._tokenizer)
        self._leading = _leading(self._encode(["a"])[0].word_ids)
        self._unknown_id = _unknown_id(self._tokenizer)

    def tokens_to_indices(self, tokens: list[Token], vocabulary: Vocabulary) -> IndexedTokenList:
        """
        # Parameters

        tokens : `List[Token]`
            One token a word.
        vocabulary : `Vocabulary`
            Not used.

        # Returns

        `IndexedTokenList`
            The lists described above.
        """
        encoded = self._encode([token.ensure_text() for token in tokens])
        ids, owners = encoded[0].ids, encoded[0].word_ids
        types = type_ids_of(encoded, 0, len(ids))
        if len(set(owners) - {None}) < len(tokens):
            ids, types, owners = self._with_unknowns(ids, types, owners, len(tokens))
        return {
            "token_ids": ids,
            "mask": [True] * len(tokens),
            "type_ids": types,
            "wordpiece_mask": [True] * len(ids),
            "special_mask": [owner is None for owner in owners],
            "offsets": _spans(owners),
        }

    def _encode(self, words: list[str]) -> Any:
        if self._byte_level:
            # The argument `add_prefix_space` of transformers misses encoders without a tokenizer
            # class of their own (ModernBERT) and pre-tokenizers made of several parts.
            words = [word if word[:1] in ("", " ") else " " + word for word in words]
        # A batch of one: transformers takes an empty list of words for an empty batch.
        try:
            return self._tokenizer([words], is_split_into_words=True, **PLAIN)
        except TypeError:
            words = [without_surrogates(word) for word in words]
            return self._tokenizer([words], is_split_into_words=True, **PLAIN)

    def _with_unknowns(
        self, ids: list[int], types: list[int], owners: list[Optional[int]], words: int
    ) -> tuple[list[int], list[int], list[Optional[int]]]:
        """Put the unknown token where a word lost all its pieces."""
        head, body = self._leading, len(owners) - owners.count(None)
        pieces: list[_Piece] = list(zip(ids, types, owners))
        present = set(owners)
        type_id = types[head] if body else 0
        lost: list[_Piece] = [
            (self._unknown_id, type_id, word) for word in range(words) if word not in present
        ]
        inner = sorted(pieces[head : head + body] + lost, key=lambda piece: piece[2] or 0)
        whole = pieces[:head] + inner + pieces[head + body :]
        return tuple(map(list, zip(*whole)))  # type: ignore[return-value]


def _leading(owners: list[Optional[int]]) -> int:
    """How many special tokens stand before the words."""
    return next((place for place, owner in enumerate(owners) if owner is not None), 0)


def _spans(owners: list[Optional[int]]) -> list[tuple[int, int]]:
    """First and last piece of each word; `owners` has every word, in order."""
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for place, owner in enumerate(owners):
        if owner is not None:
            first.setdefault(owner, place)
            last[owner] = place
    return list(zip(first.values(), last.values()))


def _unknown_id(tokenizer: Any) -> int:
    """Some vocabularies have no unknown token; then the mask or the end of text says as little."""
    ids = (tokenizer.unk_token_id, tokenizer.mask_token_id, tokenizer.eos_token_id)
    return next((token_id for token_id in ids if token_id is not None), 0)
