"""Labelled spans of a sequence: entities, constituents, arguments of predicates."""

from collections.abc import Sequence
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data.fields import Field, SequenceField
from allennlp.data.vocabulary import Vocabulary

from allennlp_heads.data.fields.unseen_label_field import UNSEEN, missing_label

PADDING = -1
"""Every column of a row that pads a batch; a real row has a position in its first column."""


class LabeledSpansField(Field[torch.Tensor]):
    """
    Any number of spans, each with a label; they may nest, cross or be the same.

    AllenNLP's `ListField` of `SpanField`s with a `SequenceLabelField` beside it does the same in
    two fields and an object a span, cannot be empty in a whole batch, and knows no unseen labels.

    The tensor is a Long `[spans, positions + 1]`: the positions, and in the last column the index
    of the label, `UNSEEN` (-1) where the vocabulary lacks it. Rows of -1 pad a batch, so that the
    first column alone says which rows are real. A batch without any span has the size `[B, 0, k]`.

    # Parameters

    spans : `List[Tuple[int, int, str]]`
        `(start, end, label)`, or with `positions = 3` `(predicate, start, end, label)`. Positions
        in the sequence count from 0, the end belongs to the span.
    sequence_field : `SequenceField`
        The sequence that the positions are of.
    label_namespace : `str`
        Vocabulary namespace of the labels.
    positions : `int`, optional (default = `2`)
        Positions in front of the label; the last two are start and end.
    strict : `bool`, optional (default = `False`)
        A label missing in the vocabulary is a `ConfigurationError`, see `UnseenLabelField`.

    Raises `ConfigurationError` for an entry of another length, a position that is not in the
    sequence, and a span that ends before it starts.
    """

    __slots__ = [
        "spans",
        "sequence_field",
        "label_namespace",
        "positions",
        "strict",
        "unseen_labels",
        "_rows",
    ]

    unseen_labels: list[str]
    """The labels that `index` could not find, one entry a span; empty before."""

    def __init__(
        self,
        spans: Sequence[tuple[Any, ...]],
        sequence_field: SequenceField,
        label_namespace: str,
        positions: int = 2,
        strict: bool = False,
    ) -> None:
        self.spans = [tuple(span) for span in spans]
        self.sequence_field = sequence_field
        self.label_namespace = label_namespace
        self.positions = positions
        self.strict = strict
        self.unseen_labels = []
        self._rows: list[list[int]] | None = None
        length = sequence_field.sequence_length()
        for span in self.spans:
            _check(span, positions, length)

    def __len__(self) -> int:
        return len(self.spans)

    def count_vocab_items(self, counter: dict[str, dict[str, int]]) -> None:
        for span in self.spans:
            counter[self.label_namespace][span[-1]] += 1

    def index(self, vocab: Vocabulary) -> None:
        known = vocab.get_token_to_index_vocabulary(self.label_namespace)
        self._rows = [[*span[:-1], known.get(span[-1], UNSEEN)] for span in self.spans]
        self.unseen_labels = [span[-1] for span in self.spans if span[-1] not in known]
        if self.strict and self.unseen_labels:
            raise missing_label(self.label_namespace, self.unseen_labels[0])

    def get_padding_lengths(self) -> dict[str, int]:
        return {"num_spans": len(self.spans)}

    def as_tensor(self, padding_lengths: dict[str, int]) -> torch.Tensor:
        if self._rows is None:
            raise ConfigurationError("index() of the spans must be called before as_tensor().")
        width = self.positions + 1
        missing = padding_lengths["num_spans"] - len(self._rows)
        rows = self._rows + [[PADDING] * width] * missing
        return torch.tensor(rows, dtype=torch.long).view(len(rows), width)

    def empty_field(self) -> "LabeledSpansField":
        sequence = self.sequence_field.empty_field()
        empty = LabeledSpansField([], sequence, self.label_namespace, self.positions)
        empty._rows = []  # a field that pads a list is never indexed
        return empty

    def human_readable_repr(self) -> list[tuple[Any, ...]]:
        return self.spans

    def __str__(self) -> str:
        return f"LabeledSpansField in namespace '{self.label_namespace}' with {self.spans}."


def _check(span: tuple[Any, ...], positions: int, length: int) -> None:
    if len(span) != positions + 1:
        raise ConfigurationError(
            f"the span {span} needs {positions} positions and a label; give "
            "'(start, end, label)', or '(predicate, start, end, label)' for arguments."
        )
    *places, _ = span
    if not all(0 <= place < length for place in places) or places[-2] > places[-1]:
        raise ConfigurationError(
            f"the span {span} does not fit a sequence of length {length}: positions are "
            f"0 to {length - 1}, and the end (inclusive) is not before the start."
        )
