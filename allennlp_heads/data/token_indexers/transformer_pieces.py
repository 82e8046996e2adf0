"""Pieces of raw text, made by the tokenizer of the same name, to the ids of a transformer."""

from typing import Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.data.token_indexers import TokenIndexer
from allennlp.data.token_indexers.token_indexer import IndexedTokenList
from allennlp.data.tokenizers import Token

from allennlp_heads.data.token_indexers.transformer_indexer import TransformerIndexer


@TokenIndexer.register("transformer_pieces")
class TransformerPiecesIndexer(TransformerIndexer):
    """
    Indexes the tokens of the `transformer_pieces` tokenizer, for a task with one label a text or a
    pair.

    Registered as a `TokenIndexer` with name `"transformer_pieces"`. With T pieces it gives
    `token_ids` `[T]`, `type_ids` `[T]` (segments), `mask` `[T]` (not padding) and `special_mask`
    `[T]` (true on [CLS], [SEP] and the like; false on padding, on the unknown and on the mask
    token, which stand for text).

    # Parameters

    transformer_model : `str`
        The encoder: a hub name, a folder, or `package:<package>/<folder>`. The same as in tokenizer
        and model.
    namespace : `str`, optional (default = `"tags"`)
        Vocabulary namespace that receives the encoder's pieces, for models that turn ids into text
        again, as AllenNLP's `basic_classifier` does (give it the same `namespace`). The default is
        that of AllenNLP's `pretrained_transformer` indexer; `None` leaves the vocabulary alone.
    serialization_dir : `str`, optional (default = `None`)
        Given by AllenNLP: where an archive carries its own copy of the tokenizer.
    token_min_padding_length : `int`, optional (default = `0`)
        Smallest length to pad to.

    Raises `ConfigurationError` when there is no such encoder, when it has no fast tokenizer, for
    tokens of another tokenizer, and when `namespace` holds something else.
    """

    keys = {
        "token_ids": torch.long,
        "mask": torch.bool,
        "type_ids": torch.long,
        "special_mask": torch.bool,
    }

    def __init__(
        self,
        transformer_model: str,
        namespace: Optional[str] = "tags",
        serialization_dir: Optional[str] = None,
        token_min_padding_length: int = 0,
    ) -> None:
        super().__init__(transformer_model, serialization_dir, token_min_padding_length)
        self._namespace = namespace
        self._filled: Optional[Vocabulary] = None
        text = {self._tokenizer.unk_token_id, self._tokenizer.mask_token_id}
        self._special_ids = set(self._tokenizer.all_special_ids) - text

    def tokens_to_indices(self, tokens: list[Token], vocabulary: Vocabulary) -> IndexedTokenList:
        """
        # Parameters

        tokens : `List[Token]`
            With `text_id`, and `type_id` where the encoder has segments.
        vocabulary : `Vocabulary`
            Receives the pieces in `namespace`.

        # Returns

        `IndexedTokenList`
            The lists described above.
        """
        if self._namespace is not None and self._filled is not vocabulary:
            self._fill(vocabulary, self._namespace)
        ids = [token.text_id for token in tokens]
        if None in ids:
            raise ConfigurationError(
                "the indexer 'transformer_pieces' got a token without 'text_id': let the tokenizer "
                "'transformer_pieces' split the text, or index split words with 'transformer_words'"
            )
        return {
            "token_ids": ids,
            "mask": [True] * len(ids),
            "type_ids": [token.type_id or 0 for token in tokens],
            "special_mask": [token_id in self._special_ids for token_id in ids],
        }

    def _fill(self, vocabulary: Vocabulary, namespace: str) -> None:
        known = vocabulary.get_token_to_index_vocabulary(namespace)
        if not known.items() <= self._tokenizer.get_vocab().items():
            raise ConfigurationError(
                f"'namespace' of the indexer 'transformer_pieces' is '{namespace}', which already "
                "holds something else: give a name of its own that ends in 'tags'"
            )
        vocabulary.add_transformer_vocab(self._tokenizer, namespace)
        self._filled = vocabulary
