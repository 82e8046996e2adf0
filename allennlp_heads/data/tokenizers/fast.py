"""Opening fast tokenizers, and what the tokenizer and both indexers share in using them."""

from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from transformers import PreTrainedTokenizerFast

from allennlp_heads.attention.pretrained import load_tokenizer

PLAIN: dict[str, Any] = {
    "return_attention_mask": False,
    # A text that happens to contain "[SEP]" or "</s>" is text and must not act as a boundary.
    "split_special_tokens": True,
    # Nothing is cut: the encoder reads long inputs in windows, so a warning would mislead.
    "truncation": False,
    "padding": False,
    "verbose": False,
}
"""Arguments of every call of a tokenizer."""


def open_tokenizer(
    transformer_model: str, serialization_dir: Optional[str], words: bool = False
) -> PreTrainedTokenizerFast:
    """
    The fast tokenizer of an encoder; one object for the same encoder and use.

    # Parameters

    transformer_model : `str`
        A hub name, a folder, or `package:<package>/<folder>`.
    serialization_dir : `str`, optional
        Folder of the run or unpacked archive, whose own copy of the tokenizer is preferred.
    words : `bool`, optional (default = `False`)
        For words that are already split, which transformers' byte-level classes refuse otherwise.

    Raises `ConfigurationError` when there is no such encoder or it has no fast tokenizer.
    """
    try:
        return load_tokenizer(transformer_model, serialization_dir, add_prefix_space=words)
    except ValueError as error:
        raise ConfigurationError(f"'transformer_model': {error}") from error


def is_byte_level(tokenizer: PreTrainedTokenizerFast) -> bool:
    """Whether pieces are of bytes, the space before a word being part of its first one."""
    pre_tokenizer = tokenizer.backend_tokenizer.pre_tokenizer
    return pre_tokenizer is not None and b'"ByteLevel"' in pre_tokenizer.__getstate__()


def type_ids_of(encoded: Any, row: int, length: int) -> list[int]:
    """Segment ids of one encoded text; all 0 where the encoder knows no segments."""
    return encoded["token_type_ids"][row] if "token_type_ids" in encoded else [0] * length


def without_surrogates(text: str) -> str:
    """Half a surrogate pair, which JSON can carry, becomes "?": tokenizers take UTF-8 only."""
    return text.encode("utf-8", "replace").decode("utf-8")
