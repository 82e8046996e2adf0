"""The head word of a span, by a dependency tree of the same sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.dataset_readers import ConlluReader
from allennlp_heads.data.ptb_escapes import plain_word


class HeadWords:
    """
    Dependency trees by the words of their sentences.

    # Parameters

    path : `str`
        A `.conllu` or `.conllx` file, a folder or a pattern. Treebank escapes in its words do not
        matter; of sentences with the same words the first counts.

    Raises `ConfigurationError` as the reader `conllu` does.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._heads: dict[tuple[str, ...], list[int]] = {}
        for instance in ConlluReader(view="dependency").read(path):
            fields: Any = instance.fields
            words = _key([token.text for token in fields["tokens"].tokens])
            self._heads.setdefault(words, fields["head_indices"].labels)

    def of_span(self, words: Sequence[str], first: int, last: int) -> int:
        """
        The first word of a span whose head is outside of it.

        # Parameters

        words : `Sequence[str]`
            Of the whole sentence.
        first, last : `int`
            Of the span, inclusive, counted from 1.

        # Returns

        `int`
            Counted from 1.

        Raises `ConfigurationError` for a sentence without a tree.
        """
        heads = self._heads.get(_key(words))
        if heads is None:
            raise ConfigurationError(
                f"'head_words': {self.path} has no tree of the sentence '{' '.join(words)}': give "
                "the files of the same sentences, a pattern for several"
            )
        # some word has its head outside, or the heads would form a cycle
        return next(word for word in range(first, last + 1) if not first <= heads[word - 1] <= last)


def _key(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(plain_word(word) for word in words)
