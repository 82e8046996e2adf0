"""What the readers of texts and pairs of texts with one label share."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Field, Instance, Token, TokenIndexer, Tokenizer
from allennlp.data.fields import MetadataField, TensorField, TextField
from allennlp.data.token_indexers import SingleIdTokenIndexer

from allennlp_heads.data.dataset_readers.sharding_reader import ShardingReader
from allennlp_heads.data.fields import TextLabelField


@dataclass(frozen=True)
class TextExample:
    """
    A text, or two, with what the file says about it.

    # Parameters

    index : `str`
        What the file calls the example; its number from 0 where it has no name for it.
    text : `str`
        The text, or the first of a pair, as it stands in the file.
    text_pair : `str`, optional (default = `None`)
        The second of a pair.
    label : `str`, optional (default = `None`)
        Its class.
    score : `float`, optional (default = `None`)
        Its number, in a regression task.
    """

    index: str
    text: str
    text_pair: Optional[str] = None
    label: Optional[str] = None
    score: Optional[float] = None

    def is_blank(self) -> bool:
        """Whether there is nothing to read in it."""
        return not (self.text.strip() or (self.text_pair or "").strip())


class TextReader(ShardingReader):
    """
    Base of readers that give a text, or a pair of texts, and its label or score. Data is read as it
    is asked for; several workers of a loader share the examples. Texts are kept exactly as the file
    has them.

    An instance has the fields

    - `tokens`: `TextField`, for a pair that of the tokenizer's `tokenize_pair` (without such a
      method, of its `add_special_tokens` on both texts);
    - `label`: a `TextLabelField`, or `score`: a float32 number of shape `[]`; neither where the
      file has none;
    - `metadata`: a dictionary with `index` (a string), `text` and, for a pair, `text_pair`.

    # Parameters

    tokenizer : `Tokenizer`
        Splits the texts; usually `transformer_pieces`.
    label_namespace : `str`
        Vocabulary namespace of the labels.
    token_indexers : `Dict[str, TokenIndexer]`, optional (default = `{"tokens":
    SingleIdTokenIndexer()}`)
        How tokens become numbers.
    max_instances : `int`, optional (default = `None`)
        Read at most this many examples.
    serialization_dir : `str`, optional (default = `None`)
        Given by AllenNLP.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        label_namespace: str,
        token_indexers: Optional[dict[str, TokenIndexer]] = None,
        max_instances: Optional[int] = None,
        serialization_dir: Optional[str] = None,
    ) -> None:
        super().__init__(
            max_instances=max_instances,
            serialization_dir=serialization_dir,
        )
        self.label_namespace = label_namespace
        self._tokenizer = tokenizer
        self._token_indexers = token_indexers or {"tokens": SingleIdTokenIndexer()}

    def _instances(self, examples: Iterator[TextExample]) -> Iterator[Instance]:
        # sharded before the texts are split: a worker reads the whole file and splits its own
        for example in self.shard_iterable(examples):
            yield self.text_to_instance(
                example.text,
                example.text_pair,
                example.label,
                example.score,
                metadata={"index": example.index},
            )

    def text_to_instance(
        self,
        text: str,
        text_pair: Optional[str] = None,
        label: Optional[str] = None,
        score: Optional[float] = None,
        metadata: Optional[dict[str, Any]] = None,
    ) -> Instance:
        """
        # Parameters

        text : `str`
            A text, or the first of a pair.
        text_pair : `str`, optional (default = `None`)
            The second of a pair.
        label : `str`, optional (default = `None`)
            The class.
        score : `float`, optional (default = `None`)
            The number, in a regression task.
        metadata : `Dict[str, Any]`, optional (default = `None`)
            Goes into the field `metadata` beside `text` and `text_pair`.

        # Returns

        `Instance`
            Without token indexers, which `apply_token_indexers` adds.

        Raises `ConfigurationError` when there is nothing to read in it.
        """
        if TextExample("", text, text_pair).is_blank():
            raise ConfigurationError(f"{type(self).__name__}: the text is empty.")
        kept = {"text": text} if text_pair is None else {"text": text, "text_pair": text_pair}
        fields: dict[str, Field] = {"tokens": TextField(self._tokens(text, text_pair))}
        if label is not None:
            fields["label"] = TextLabelField(label, self.label_namespace, strict=True)
        if score is not None:
            fields["score"] = TensorField(torch.tensor(score, dtype=torch.float32))
        fields["metadata"] = MetadataField({**kept, **(metadata or {})})
        return Instance(fields)

    def apply_token_indexers(self, instance: Instance) -> None:
        instance["tokens"].token_indexers = self._token_indexers  # type: ignore[attr-defined]

    def _tokens(self, text: str, text_pair: Optional[str]) -> list[Token]:
        if text_pair is None:
            return self._tokenizer.tokenize(text)
        pair_of = getattr(self._tokenizer, "tokenize_pair", None)
        if pair_of is not None:
            return pair_of(text, text_pair)
        both = map(self._tokenizer.tokenize, (text, text_pair))
        return self._tokenizer.add_special_tokens(*both)
