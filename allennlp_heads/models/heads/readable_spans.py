"""Labelled spans as people read them."""

from collections.abc import Iterable, Sequence
from typing import Any, Optional

from torch import Tensor


def readable_spans(
    words: Optional[Sequence[str]], spans: Iterable[tuple[int, int, str]]
) -> list[dict[str, Any]]:
    """
    # Parameters

    words : `Sequence[str]`, optional
        The words of the sentence; `None` where they are not known.
    spans : `Iterable[Tuple[int, int, str]]`
        The first word, the last word (inclusive, from 0) and the label of each span.

    # Returns

    `List[Dict[str, Any]]`
        `start`, `end`, `label` and, if the words are known, `text`: the span's words with blanks
        between them. In the order of `spans`.
    """
    readable: list[dict[str, Any]] = []
    for start, end, label in spans:
        span: dict[str, Any] = {"start": start, "end": end, "label": label}
        if words is not None:
            span["text"] = " ".join(words[start : end + 1])
        readable.append(span)
    return readable


def readable_span_batch(
    words: Optional[Sequence[Sequence[str]]], spans: Tensor, labels: Sequence[str]
) -> list[list[dict[str, Any]]]:
    """
    The same for a batch of predictions.

    # Parameters

    words : `Sequence[Sequence[str]]`, optional
        The words of each sentence.
    spans : `torch.LongTensor`
        Shape `[batch, spans, 3]`: first word, last word, label; rows of -1 are padding.
    labels : `Sequence[str]`
        The names of the labels.
    """
    readable = []
    for place, rows in enumerate(spans.tolist()):
        named = [(start, end, labels[label]) for start, end, label in rows if start >= 0]
        readable.append(readable_spans(None if words is None else words[place], named))
    return readable
