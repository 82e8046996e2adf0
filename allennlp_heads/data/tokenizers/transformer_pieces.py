"""Raw text, single or in pairs, to the pieces of a transformer."""

import dataclasses
from typing import Any, Optional, Union

from allennlp.common.checks import ConfigurationError
from allennlp.data.tokenizers import Token, Tokenizer

from allennlp_heads.data.tokenizers.fast import (
    PLAIN,
    open_tokenizer,
    type_ids_of,
    without_surrogates,
)


@Tokenizer.register("transformer_pieces")
class TransformerPiecesTokenizer(Tokenizer):
    """
    Splits raw text into the pieces of an encoder's fast tokenizer. Each `Token` has the piece
    (`text`), its id (`text_id`), its segment (`type_id`) and the characters it stands for,
    `text[idx:idx_end]`, without the space before a word; special tokens have neither `idx` nor
    `idx_end`. Without `max_length` nothing is cut: the encoder reads long texts in windows.

    A pair comes from `tokenize_pair(a, b)`, or from `add_special_tokens(tokens_a, tokens_b)` on
    tokens made with `add_special_tokens: false`; character offsets then count in the piece's own
    text, `a` or `b`.

    Encoders that read left to right (GPT, GPT-2) know no pairs and have no special tokens of a
    text: a single text is its bare pieces, and between the two of a pair stands one separator with
    segment 0, the end-of-text token where the tokenizer has one (GPT-2), else the pieces of `$`,
    which stands there in GPT (Radford et al. 2018, *Improving Language Understanding by Generative
    Pre-Training*, section 3.3).

    Use it with the indexer of the same name. Registered as a `Tokenizer` with name
    `"transformer_pieces"`.

    # Parameters

    transformer_model : `str`
        The encoder: a hub name, a folder, or `package:<package>/<folder>`.
    add_special_tokens : `bool`, optional (default = `True`)
        Whether [CLS], [SEP] and the like are added.
    max_length : `int`, optional (default = `None`)
        How many pieces a text or pair may have, special tokens included. Longer ones lose their
        last pieces, pairs those of the longer text. The method `add_special_tokens` cuts nothing.
    serialization_dir : `str`, optional (default = `None`)
        Given by AllenNLP: where an archive carries its own copy of the tokenizer.

    Raises `ConfigurationError` when there is no such encoder or it has no fast tokenizer, and for a
    `max_length` that leaves no room for both texts of a pair.
    """

    def __init__(
        self,
        transformer_model: str,
        add_special_tokens: bool = True,
        max_length: Optional[int] = None,
        serialization_dir: Optional[str] = None,
    ) -> None:
        self._tokenizer = open_tokenizer(transformer_model, serialization_dir)
        self._add_special_tokens = add_special_tokens
        self._separator = self._missing_separator()
        self._options = dict(PLAIN)
        if max_length is not None:
            least = self.num_special_tokens_for_pair() + 2
            if max_length < least:
                raise ConfigurationError(
                    f"'max_length' is {max_length}: a pair of texts needs at least {least} pieces"
                )
            self._options |= {"truncation": "longest_first", "max_length": max_length}

    def tokenize(self, text: str) -> list[Token]:
        """The pieces of one text."""
        return self._encode([text], None)[0]

    def batch_tokenize(self, texts: list[str]) -> list[list[Token]]:
        """The pieces of several texts, in one call of the tokenizer."""
        return self._encode(texts, None) if texts else []

    def bare_pieces(self, texts: list[str]) -> list[list[Token]]:
        """
        The pieces of several texts, in one call of the tokenizer, without special tokens and with
        nothing cut, whatever `add_special_tokens` and `max_length` are.
        """
        if not texts:
            return []
        texts = [without_surrogates(text) for text in texts]
        encoded = self._tokenizer(texts, add_special_tokens=False, **PLAIN)
        return [_tokens(encoded, row, (text,)) for row, text in enumerate(texts)]

    def tokenize_pair(self, first: str, second: str) -> list[Token]:
        """
        The pieces of two texts as one sequence, with the encoder's own special tokens and segments.

        # Returns

        `List[Token]`
            `idx` and `idx_end` count in `first` or `second`, whichever the piece is from.
        """
        return self._encode([first], [second])[0]

    def add_special_tokens(
        self, tokens1: list[Token], tokens2: Optional[list[Token]] = None
    ) -> list[Token]:
        """
        # Parameters

        tokens1 : `List[Token]`
            Pieces without special tokens.
        tokens2 : `List[Token]`, optional (default = `None`)
            Those of the second text of a pair.

        # Returns

        `List[Token]`
            One sequence with special tokens; the tokens are new, with the segment of their place.
        """
        sequences = [tokens1] if tokens2 is None else [tokens1, tokens2]
        joined: list[Token] = []
        for part, type_id in self._template(len(sequences)):
            inside = sequences[part] if isinstance(part, int) else [part]
            joined += [dataclasses.replace(token, type_id=type_id) for token in inside]
        return joined

    def num_special_tokens_for_sequence(self) -> int:
        """How many special tokens one text gets."""
        return self._tokenizer.num_special_tokens_to_add(pair=False)

    def num_special_tokens_for_pair(self) -> int:
        """How many special tokens a pair of texts gets."""
        return self._tokenizer.num_special_tokens_to_add(pair=True) + len(self._separator)

    def _encode(self, texts: list[str], seconds: Optional[list[str]]) -> list[list[Token]]:
        texts = [without_surrogates(text) for text in texts]
        seconds = seconds and [without_surrogates(text) for text in seconds]
        separator = self._separator if seconds and self._add_special_tokens else []
        options = dict(self._options)
        if "max_length" in options:
            options["max_length"] -= len(separator)
        encoded = self._tokenizer(
            texts, seconds, add_special_tokens=self._add_special_tokens, **options
        )
        if not seconds:
            return [_tokens(encoded, row, (text,)) for row, text in enumerate(texts)]
        return [
            _separated(_tokens(encoded, row, pair), encoded.sequence_ids(row), separator)
            for row, pair in enumerate(zip(texts, seconds))
        ]

    def _missing_separator(self) -> list[Token]:
        """What is put between the texts of a pair where the tokenizer puts nothing."""
        owners = self._tokenizer("a", "a", **PLAIN).sequence_ids(0)
        if owners[owners.index(1) - 1] is None:
            return []
        tokenizer = self._tokenizer
        for token in (tokenizer.sep_token, tokenizer.eos_token, tokenizer.bos_token):
            if token is not None:
                return [_bare(token, tokenizer.convert_tokens_to_ids(token))]
        encoded = tokenizer("$", **{**PLAIN, "add_special_tokens": False})[0]
        return [_bare(*piece) for piece in zip(encoded.tokens, encoded.ids)]

    def _template(self, sequences: int) -> list[tuple[Union[Token, int], int]]:
        """Lay-out of a text or pair: special tokens and sequence numbers, with their segments."""
        encoded = self._tokenizer(["a"], ["a"] if sequences == 2 else None, **PLAIN)
        template: list[tuple[Union[Token, int], int]] = []
        placed = set()
        for token, owner in zip(_tokens(encoded, 0, ("a", "a")), encoded.sequence_ids(0)):
            if owner == 1 and owner not in placed:
                template += [(separator, 0) for separator in self._separator]
            if owner is None or owner not in placed:
                template.append((token if owner is None else owner, token.type_id or 0))
            placed.add(owner)
        return template


def _tokens(encoded: Any, row: int, sources: tuple[str, ...]) -> list[Token]:
    pieces = encoded[row]
    types = type_ids_of(encoded, row, len(pieces.ids))
    tokens = []
    for text, text_id, type_id, owner, (start, end) in zip(
        pieces.tokens, pieces.ids, types, pieces.sequence_ids, pieces.offsets
    ):
        token = Token(text, text_id=text_id, type_id=type_id)
        if owner is not None:
            token.idx, token.idx_end = _without_space(sources[owner], start, end), end
        tokens.append(token)
    return tokens


def _separated(
    tokens: list[Token], owners: list[Optional[int]], separator: list[Token]
) -> list[Token]:
    """The pieces of a pair with the separator in front of the second text."""
    place = owners.index(1) if 1 in owners else len(tokens)
    return [*tokens[:place], *(dataclasses.replace(token) for token in separator), *tokens[place:]]


def _bare(piece: str, piece_id: int) -> Token:
    """A piece that stands for no characters of the text."""
    return Token(piece, text_id=piece_id, type_id=0)


def _without_space(text: str, start: int, end: int) -> int:
    """Some tokenizers count the space before a word to its first piece; spaces alone stay."""
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip() or piece)
